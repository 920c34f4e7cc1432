package org.ioasis.vtd.hardware;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;
import org.ioasis.api.inspect.Inspector;
import org.ioasis.api.inspect.PageSink;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.inspect.RowSink;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.pagetable.RadixTable;
import org.ioasis.kit.pagetable.RadixVisitor;
import org.ioasis.vtd.format.Gcmd;
import org.ioasis.vtd.format.InterruptEntry;
import org.ioasis.vtd.format.Irta;
import org.ioasis.vtd.format.PageRequestRegisters;
import org.ioasis.vtd.format.PostedInterruptEntry;
import org.ioasis.vtd.format.QueueRegisters;
import org.ioasis.vtd.format.RegisterMap;
import org.ioasis.vtd.format.ScalableContextEntry;

/**
 * What registers and structures say, as rows. Reads memory, changes nothing.
 *
 * <p><b>Threading:</b> any thread; each call reads afresh.
 */
final class VtdInspector implements Inspector {
  private static final int PAGE = 0x1000;

  private final PhysicalMemory memory;
  private final Capabilities capabilities;
  private final UnitView unit;

  VtdInspector(PhysicalMemory memory, Capabilities capabilities, UnitView unit) {
    this.memory = memory;
    this.capabilities = capabilities;
    this.unit = unit;
  }

  @Override
  public Row unit() {
    Latched latched = unit.latched();
    long iqa = unit.register(RegisterMap.IQA);
    return new Row()
        .text("kind", "vtd")
        .text("mode", Names.mode(latched.ttm()))
        .flag("translation", latched.translationEnabled())
        .hex("root-table", latched.rootTable())
        .flag("interrupt-remapping", latched.interruptRemapping())
        .hex("interrupt-table", Irta.IRTA.inPlace(latched.interruptTable()))
        .number("interrupt-entries", interruptEntries(latched))
        .flag("extended-interrupts", Irta.EIME.isSet(latched.interruptTable()))
        .flag("compatibility-interrupts", latched.compatibilityFormat())
        .flag("queued-invalidation", isQueueEnabled())
        .hex("queue", QueueRegisters.IQA.inPlace(iqa))
        .hex("queue-head", unit.register(RegisterMap.IQH))
        .hex("queue-tail", unit.register(RegisterMap.IQT))
        .hex("page-request-queue", PageRequestRegisters.PQA.inPlace(unit.register(RegisterMap.PQA)))
        .hex("page-request-head", unit.register(RegisterMap.PQH))
        .hex("page-request-tail", unit.register(RegisterMap.PQT))
        .hex("VER", capabilities.version())
        .hex("CAP", capabilities.cap())
        .hex("ECAP", capabilities.ecap())
        .number("host-address-bits", capabilities.haw())
        .hex("FSTS", unit.register(RegisterMap.FSTS));
  }

  /** Size of the active interrupt remapping table; 0 while none was given. */
  private static int interruptEntries(Latched latched) {
    long irta = latched.interruptTable();
    return Irta.IRTA.inPlace(irta) == 0 ? 0 : Irta.entries(irta);
  }

  private boolean isQueueEnabled() {
    return Gcmd.QIE.isSet(unit.register(RegisterMap.GSTS));
  }

  private StructureScan scan() {
    return new StructureScan(memory, capabilities, unit.latched());
  }

  @Override
  public void devices(RowSink sink) {
    scan()
        .scan(
            ALL_SOURCES,
            new StructureVisitor() {
              @Override
              public boolean device(int sid, long[] words, StructureChecks.Objection objection) {
                return sink.row(deviceRow(sid, words, objection));
              }

              @Override
              public boolean unreadable(int sid, int pasid, long address, String kind) {
                return pasid >= 0 || sink.row(Rows.unreadable(sid, pasid, address, kind));
              }
            });
  }

  private Row deviceRow(int sid, long[] words, StructureChecks.Objection objection) {
    Row row = Rows.source(sid);
    if (objection != null) {
      return row.text("state", "malformed").text("why", objection.why());
    }
    StructureChecks checks = new StructureChecks(capabilities);
    if (words.length == 2) {
      Binding binding = checks.binding(sid, words);
      row.text("state", binding.isPassThrough() ? "passthrough" : "translated");
      return Rows.describe(row, binding);
    }
    return row.text("state", "scalable")
        .hex("pasid-directory", ScalableContextEntry.PASIDDIRPTR.inPlace(words))
        .number("pasid-end", ScalableContextEntry.pasidEnd(words[0]))
        .number("rid-pasid", checks.ridPasid(words))
        .flag("pasid-enabled", ScalableContextEntry.PASIDE.isSet(words))
        .flag("device-tlb-enabled", ScalableContextEntry.DTE.isSet(words))
        .flag("page-requests-enabled", ScalableContextEntry.PRE.isSet(words));
  }

  @Override
  public void domains(RowSink sink) {
    Map<List<Long>, List<Binding>> byTag = new TreeMap<>(VtdInspector::compare);
    scan()
        .scan(
            ALL_SOURCES,
            new StructureVisitor() {
              @Override
              public boolean binding(Binding binding) {
                long pasid = binding.isFirstStage() ? binding.pasid() : -1;
                long second = binding.isNested() ? binding.secondRoot() : 0;
                List<Long> tag = List.of((long) binding.domain(), pasid, binding.root(), second);
                byTag.computeIfAbsent(tag, key -> new ArrayList<>()).add(binding);
                return true;
              }
            });
    for (List<Binding> members : byTag.values()) {
      if (!sink.row(Rows.domain(members))) {
        return;
      }
    }
  }

  private static int compare(List<Long> one, List<Long> other) {
    for (int i = 0; i < one.size(); i++) {
      int order = Long.compareUnsigned(one.get(i), other.get(i));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  @Override
  public void mappings(int sourceId, RowSink sink) {
    scan()
        .scan(
            sourceId,
            new StructureVisitor() {
              @Override
              public boolean binding(Binding binding) {
                return binding.isPassThrough()
                    ? sink.row(Rows.passThrough(binding))
                    : pages(binding, sink);
              }

              @Override
              public boolean unreadable(int sid, int pasid, long address, String kind) {
                return sink.row(Rows.unreadable(sid, pasid, address, kind));
              }
            });
  }

  private StageFormat format(Binding binding) {
    GuestMemory guest = binding.isNested() ? new GuestMemory(memory, capabilities, binding) : null;
    return new StageFormat(binding.isFirstStage(), binding.levels(), capabilities, guest);
  }

  private RadixTable table(Binding binding) {
    return new RadixTable(memory, format(binding), binding.root());
  }

  private boolean pages(Binding binding, RowSink sink) {
    StageFormat format = format(binding);
    return table(binding)
        .visit(
            binding.last(),
            new RadixVisitor() {
              @Override
              public boolean leaf(Leaf leaf) {
                if ((leaf.rights() & (Access.READ | Access.WRITE)) == 0) {
                  return true;
                }
                return binding.isNested()
                    ? throughSecondStage(binding, format, leaf, sink)
                    : sink.row(Rows.mapping(binding, format, leaf));
              }

              @Override
              public boolean problem(Problem problem) {
                return sink.row(Rows.problem(binding, format, problem));
              }
            });
  }

  /** A row for each piece of a first-stage page that one second-stage page holds. */
  private boolean throughSecondStage(
      Binding binding, StageFormat format, RadixVisitor.Leaf leaf, RowSink sink) {
    GuestMemory guest = new GuestMemory(memory, capabilities, binding);
    long size = 1L << format.spanLg2(leaf.level());
    long done = 0;
    while (done < size) {
      GuestMemory.Place place = guest.find(leaf.output() + done);
      long piece = Math.min(size - done, 1L << place.lg2());
      if (place.rights() != 0
          && !sink.row(Rows.nested(binding, format, leaf, done, place, piece))) {
        return false;
      }
      done += piece;
    }
    return true;
  }

  @Override
  public void reachablePages(PageSink sink) {
    Pages pages = new Pages(sink);
    scan()
        .scan(
            ALL_SOURCES,
            new StructureVisitor() {
              @Override
              public boolean page(long address, String kind) {
                return pages.add(address, kind);
              }

              @Override
              public boolean binding(Binding binding) {
                return binding.isPassThrough() || pages.tables(binding);
              }
            });
    if (isQueueEnabled()) {
      long iqa = unit.register(RegisterMap.IQA);
      pages.range(
          QueueRegisters.IQA.inPlace(iqa), QueueRegisters.queueBytes(iqa), "invalidation-queue");
    }
    long pqa = unit.register(RegisterMap.PQA);
    if (capabilities.pageRequests() && PageRequestRegisters.PQA.inPlace(pqa) != 0) {
      pages.range(
          PageRequestRegisters.PQA.inPlace(pqa),
          PageRequestRegisters.queueBytes(pqa),
          "page-request-queue");
    }
    int entries = interruptEntries(unit.latched());
    if (entries != 0) {
      long table = Irta.IRTA.inPlace(unit.latched().interruptTable());
      long bytes = (long) entries * InterruptEntry.BYTES;
      pages.range(table, bytes, "interrupt-remapping-table");
      if (capabilities.postedInterrupts()) {
        postedPages(table, bytes, pages);
      }
    }
  }

  /** The pages of the descriptors that present entries in posted format point to. */
  private void postedPages(long table, long bytes, Pages pages) {
    boolean more = true;
    for (long at = table; more && at < table + bytes; at += InterruptEntry.BYTES) {
      long lo = memory.load64(at);
      long hi = memory.load64(at + Long.BYTES);
      boolean posted =
          InterruptEntry.P.isSet(lo)
              && InterruptEntry.IM.isSet(lo)
              && memory.status(at, InterruptEntry.BYTES) == MemoryStatus.OK
              && !PostedInterruptEntry.hasReserved(lo, hi, capabilities.addressMask());
      if (posted) {
        long page = PostedInterruptEntry.descriptor(lo, hi) & -PAGE;
        more = pages.add(page, "posted-interrupt-descriptor");
      }
    }
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

    boolean tables(Binding binding) {
      if (!binding.isNested()) {
        String kind = binding.isFirstStage() ? "fl-table" : "sl-table";
        RadixVisitor visitor = of(kind, entered, address -> address);
        return table(binding).visit(binding.last(), visitor);
      }
      GuestMemory guest = new GuestMemory(memory, capabilities, binding);
      StageFormat second = new StageFormat(false, binding.secondLevels(), capabilities);
      return new RadixTable(memory, second, binding.secondRoot())
              .visit((1L << binding.secondWidth()) - 1, of("sl-table", entered, address -> address))
          && table(binding)
              .visit(
                  binding.last(),
                  of("fl-table", new HashSet<>(), address -> guest.find(address).host()));
    }

    /**
     * Gives the pages of tables.
     *
     * @param seen which tables were entered as what; one set for each memory they lie in
     * @param host where a table's page lies
     */
    private RadixVisitor of(String kind, Set<Long> seen, LongUnaryOperator host) {
      int stage = kind.startsWith("f") ? 8 : 0;
      return new RadixVisitor() {
        @Override
        public boolean enters(long address, int level) {
          return seen.add(address | stage | level);
        }

        @Override
        public boolean table(long address, int level) {
          return add(host.applyAsLong(address) & -PAGE, kind);
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
