package org.ioasis.amdvi.hardware;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.ioasis.amdvi.format.Control;
import org.ioasis.amdvi.format.DeviceTableBase;
import org.ioasis.amdvi.format.Dte;
import org.ioasis.amdvi.format.GaIrte;
import org.ioasis.amdvi.format.Irte;
import org.ioasis.amdvi.format.RegisterMap;
import org.ioasis.amdvi.format.RingBase;
import org.ioasis.amdvi.format.Status;
import org.ioasis.api.inspect.Inspector;
import org.ioasis.api.inspect.PageSink;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.inspect.RowSink;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.pagetable.RadixTable;
import org.ioasis.kit.pagetable.RadixVisitor;

/**
 * What registers and structures say, as rows. Reads memory, changes nothing.
 *
 * <p><b>Threading:</b> any thread; each call reads afresh.
 */
final class AmdviInspector implements Inspector {
  private static final int PAGE = 0x1000;

  private final PhysicalMemory memory;
  private final Capabilities capabilities;
  private final UnitView unit;

  AmdviInspector(PhysicalMemory memory, Capabilities capabilities, UnitView unit) {
    this.memory = memory;
    this.capabilities = capabilities;
    this.unit = unit;
  }

  @Override
  public Row unit() {
    Latched latched = unit.latched();
    long status = unit.register(RegisterMap.STATUS);
    long commands = unit.register(RegisterMap.CMD_BUF_BASE);
    long events = unit.register(RegisterMap.EVENT_LOG_BASE);
    return new Row()
        .text("kind", AmdviFactory.AMDVI)
        .flag("translation", latched.enabled)
        .hex("device-table", DeviceTableBase.ADDRESS.inPlace(latched.base(0)))
        .number("device-table-entries", DeviceTableBase.entries(latched.base(0)))
        .number("segments", latched.segments())
        .flag("guest-translation", latched.guestTables)
        .flag("guest-root-by-gpa", latched.gcr3ByGuestAddress)
        .flag("wide-interrupt-entries", latched.wideInterruptEntries)
        .flag("x2apic", latched.x2Apic)
        .flag("exclusion", latched.exclusion)
        .flag("commands", Status.CMD_BUF_RUN.isSet(status))
        .hex("command-buffer", RingBase.ADDRESS.inPlace(commands))
        .hex("command-head", unit.register(RegisterMap.CMD_BUF_HEAD))
        .hex("command-tail", unit.register(RegisterMap.CMD_BUF_TAIL))
        .flag("events", Status.EVENT_LOG_RUN.isSet(status))
        .hex("event-log", RingBase.ADDRESS.inPlace(events))
        .hex("event-head", unit.register(RegisterMap.EVENT_LOG_HEAD))
        .hex("event-tail", unit.register(RegisterMap.EVENT_LOG_TAIL))
        .flag("page-requests", Status.PPR_LOG_RUN.isSet(status))
        .hex("CONTROL", unit.register(RegisterMap.CONTROL))
        .hex("STATUS", status)
        .hex(Capabilities.EFR, capabilities.efr())
        .hex(Capabilities.EFR2, capabilities.efr2());
  }

  /** Gives every entry that says anything; false if the visitor ended it. */
  private boolean entries(int source, Predicate<DeviceEntry> visitor, RowSink problems) {
    Latched latched = unit.latched();
    DeviceTable table = new DeviceTable(memory, capabilities);
    for (int segment = 0; segment < latched.segments(); segment++) {
      int first = latched.firstDevice(segment);
      int end = segment + 1 == latched.segments() ? 0x10000 : latched.firstDevice(segment + 1);
      for (int id = Math.max(first, source < 0 ? first : source); id < end; id++) {
        long at = latched.entryAddress(id);
        if (at < 0 || (source >= 0 && id > source)) {
          break;
        }
        DeviceEntry entry = table.read(id, at);
        if (entry == null) {
          if (problems != null && !problems.row(Rows.unreadable(id, at, "device-table"))) {
            return false;
          }
          id |= PAGE / Dte.BYTES - 1; // one row for each page
        } else if ((entry.word0 | entry.word1 | entry.word2 | entry.word3) != 0
            && !visitor.test(entry)) {
          return false;
        }
      }
    }
    return true;
  }

  @Override
  public void devices(RowSink sink) {
    entries(ALL_SOURCES, entry -> sink.row(Rows.device(entry, capabilities)), sink);
  }

  private boolean isBound(DeviceEntry entry) {
    return entry.valid && !entry.malformed && entry.translates && entry.hasLegalMode(capabilities);
  }

  @Override
  public void domains(RowSink sink) {
    Map<List<Long>, List<DeviceEntry>> byTag =
        new TreeMap<>(
            (one, other) -> {
              int order = Long.compareUnsigned(one.get(0), other.get(0));
              return order != 0 ? order : Long.compareUnsigned(one.get(1), other.get(1));
            });
    entries(
        ALL_SOURCES,
        entry -> {
          if (isBound(entry) && (entry.mode != 0 || entry.rights != 0 || entry.guest)) {
            long root = entry.mode == 0 ? 0 : entry.hostRoot;
            byTag
                .computeIfAbsent(List.of((long) entry.domain, root), key -> new ArrayList<>())
                .add(entry);
          }
          return true;
        },
        null);
    for (List<DeviceEntry> members : byTag.values()) {
      if (!sink.row(Rows.domain(members))) {
        return;
      }
    }
  }

  @Override
  public void mappings(int sourceId, RowSink sink) {
    Latched latched = unit.latched();
    entries(
        sourceId,
        entry -> {
          if (!entry.valid || entry.malformed) {
            return true;
          }
          if (!entry.translates) {
            return sink.row(Rows.typed(entry, -1, "valid-no-translation"));
          }
          return !isBound(entry) || mappings(entry, latched, sink);
        },
        sink);
  }

  private boolean mappings(DeviceEntry entry, Latched latched, RowSink sink) {
    boolean guest = entry.guest && latched.guestTables;
    boolean ridIsGuest = guest && entry.guestWithoutPasid;
    if (!ridIsGuest && entry.mode == 0) {
      if (entry.rights != 0 && !sink.row(Rows.passThrough(entry))) {
        return false;
      }
    } else if (entry.mode != 0 && !host(entry, sink)) {
      return false;
    }
    return !guest
        || new GuestScan(memory, capabilities, entry, latched)
            .scan((pasid, root) -> guest(entry, pasid, root, latched, sink), table -> true);
  }

  private boolean host(DeviceEntry entry, RowSink sink) {
    TableFormats.Host format = new TableFormats.Host(entry.mode);
    return new RadixTable(memory, format, entry.hostRoot)
        .visit(
            -1L,
            new RadixVisitor() {
              private long last;
              private long page;
              private boolean any;

              @Override
              public boolean leaf(Leaf leaf) {
                boolean repeated =
                    any && leaf.entry() == page && Long.compareUnsigned(leaf.iova(), last) <= 0;
                int lg2 = TableFormats.Host.sizeLg2(leaf.entry(), leaf.level());
                any = true;
                page = leaf.entry();
                last = leaf.iova() | (1L << lg2) - 1;
                boolean grants = (leaf.rights() & entry.rights) != 0;
                return repeated || !grants || sink.row(Rows.hostPage(entry, leaf, lg2));
              }

              @Override
              public boolean problem(Problem problem) {
                return sink.row(Rows.problem(entry, -1, problem.iova(), problem));
              }
            });
  }

  private boolean guest(DeviceEntry entry, int pasid, long root, Latched latched, RowSink sink) {
    GuestScan scan = new GuestScan(memory, capabilities, entry, latched);
    TableFormats.Guest format =
        new TableFormats.Guest(entry.guestLevels, capabilities, scan::place);
    return new RadixTable(memory, format, scan.place(root))
        .visit(
            -1L >>> (Long.SIZE - 12 - 9 * entry.guestLevels),
            new RadixVisitor() {
              @Override
              public boolean leaf(Leaf leaf) {
                boolean grants = (leaf.rights() & entry.rights) != 0;
                return !grants
                    || sink.row(
                        Rows.guestPage(entry, pasid, format.iova(leaf.iova(), pasid), leaf));
              }

              @Override
              public boolean problem(Problem problem) {
                long iova = format.iova(problem.iova(), pasid);
                return sink.row(Rows.problem(entry, pasid, iova, problem));
              }
            });
  }

  @Override
  public void reachablePages(PageSink sink) {
    Pages pages = new Pages(sink);
    Latched latched = unit.latched();
    for (int segment = 0; segment < latched.segments(); segment++) {
      long base = latched.base(segment);
      int count = Math.min(DeviceTableBase.entries(base), 0x10000 / latched.segments());
      pages.range(DeviceTableBase.ADDRESS.inPlace(base), (long) count * Dte.BYTES, "device-table");
    }
    ring(pages, RegisterMap.CMD_BUF_BASE, Control.CMD_BUF_EN.mask(), "command-buffer");
    ring(pages, RegisterMap.EVENT_LOG_BASE, Control.EVENT_LOG_EN.mask(), "event-log");
    ring(pages, RegisterMap.PPR_LOG_BASE, Control.PPR_LOG_EN.mask(), "ppr-log");
    entries(
        ALL_SOURCES,
        entry -> {
          interruptTable(entry, latched, pages);
          return !isBound(entry) || tables(entry, latched, pages);
        },
        null);
  }

  private void ring(Pages pages, int register, long enable, String kind) {
    long base = unit.register(register);
    if (RingBase.isLegal(base) && (unit.register(RegisterMap.CONTROL) & enable) != 0) {
      pages.range(RingBase.ADDRESS.inPlace(base), 1L << RingBase.bytesLg2(base), kind);
    }
  }

  private static void interruptTable(DeviceEntry entry, Latched latched, Pages pages) {
    int length = (int) Dte.INT_TAB_LEN.get(entry.word2);
    boolean remaps =
        entry.remapsInterrupts()
            && !entry.interruptMalformed
            && Dte.INT_CTL.get(entry.word2) == Dte.INT_REMAP
            && length <= Dte.MAX_INT_TAB_LEN;
    if (remaps) {
      int lg2 = latched.wideInterruptEntries ? GaIrte.BYTES_LG2 : Irte.BYTES_LG2;
      long table = Dte.INT_ROOT.inPlace(entry.word2);
      long first = table & -PAGE;
      pages.range(first, table - first + (1L << (length + lg2)), "interrupt-table");
    }
  }

  private boolean tables(DeviceEntry entry, Latched latched, Pages pages) {
    if (entry.mode != 0
        && !new RadixTable(memory, new TableFormats.Host(entry.mode), entry.hostRoot)
            .visit(-1L, pages.of("v1-table", 0))) {
      return false;
    }
    if (!entry.guest || !latched.guestTables) {
      return true;
    }
    GuestScan scan = new GuestScan(memory, capabilities, entry, latched);
    TableFormats.Guest format =
        new TableFormats.Guest(entry.guestLevels, capabilities, scan::place);
    return scan.scan(
        (pasid, root) ->
            new RadixTable(memory, format, scan.place(root))
                .visit(-1L >>> (Long.SIZE - 12 - 9 * entry.guestLevels), pages.of("v2-table", 8)),
        table -> pages.add(table, "gcr3-table"));
  }

  /** Gives each page once, and enters each page table once for every level it serves as. */
  private final class Pages {
    private final PageSink sink;
    private final Set<Long> given = new HashSet<>();
    private final Set<Long> entered = new HashSet<>();
    private boolean ended;

    Pages(PageSink sink) {
      this.sink = sink;
    }

    boolean add(long address, String kind) {
      boolean fresh = memory.status(address, PAGE) == MemoryStatus.OK && given.add(address);
      ended |= !ended && fresh && !sink.page(address, kind);
      return !ended;
    }

    void range(long first, long bytes, String kind) {
      long at = first;
      while (at < first + bytes && add(at, kind)) {
        at += PAGE;
      }
    }

    RadixVisitor of(String kind, int mark) {
      return new RadixVisitor() {
        @Override
        public boolean enters(long address, int level) {
          return entered.add(address | mark | level);
        }

        @Override
        public boolean table(long address, int level) {
          return add(address, kind);
        }

        @Override
        public boolean leaf(Leaf leaf) {
          return true;
        }

        @Override
        public boolean problem(Problem problem) {
          return true;
        }
      };
    }
  }
}
