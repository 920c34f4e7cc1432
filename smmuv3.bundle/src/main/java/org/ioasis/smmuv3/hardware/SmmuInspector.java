package org.ioasis.smmuv3.hardware;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.ioasis.api.inspect.Inspector;
import org.ioasis.api.inspect.PageSink;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.inspect.RowSink;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.pagetable.RadixTable;
import org.ioasis.kit.pagetable.RadixVisitor;
import org.ioasis.smmuv3.format.Cr0;
import org.ioasis.smmuv3.format.QueueBase;
import org.ioasis.smmuv3.format.RegisterMap;
import org.ioasis.smmuv3.format.Ste;

/**
 * What registers and structures say, as rows. Reads memory, changes nothing. In a nested set-up the
 * mappings of stage 1 come first, from virtual to intermediate addresses, then those of stage 2.
 *
 * <p><b>Threading:</b> any thread; each call reads afresh.
 */
final class SmmuInspector implements Inspector {
  private static final int PAGE = 0x1000;

  private final PhysicalMemory memory;
  private final Capabilities can;
  private final UnitView unit;
  private final Stage2Walk stage2;

  SmmuInspector(PhysicalMemory memory, Capabilities can, UnitView unit) {
    this.memory = memory;
    this.can = can;
    this.unit = unit;
    this.stage2 =
        new Stage2Walk(memory, new TranslationCaches(new CacheGeometry(4, 4, 4, 4, 4, 4, 0)), can);
  }

  @Override
  public Row unit() {
    Latched latched = unit.latched();
    return new Row()
        .text("kind", SmmuFactory.SMMUV3)
        .flag("translation", latched.enabled())
        .hex("stream-table", latched.streamTable())
        .text("stream-table-format", latched.twoLevel() ? "two-level" : "linear")
        .number("stream-id-bits", latched.streamBits())
        .number("split", latched.twoLevel() ? latched.split() : 0)
        .flag("ats-check", latched.atsCheck())
        .flag("command-queue-enabled", isOn(Cr0.CMDQEN.mask()))
        .hex("command-queue", QueueBase.ADDR.inPlace(unit.register(RegisterMap.CMDQ_BASE)))
        .hex("command-prod", unit.register(RegisterMap.CMDQ_PROD))
        .hex("command-cons", unit.register(RegisterMap.CMDQ_CONS))
        .flag("event-queue-enabled", isOn(Cr0.EVENTQEN.mask()))
        .hex("event-queue", QueueBase.ADDR.inPlace(unit.register(RegisterMap.EVENTQ_BASE)))
        .hex("event-prod", unit.register(RegisterMap.EVENTQ_PROD))
        .hex("event-cons", unit.register(RegisterMap.EVENTQ_CONS))
        .flag("pri-queue-enabled", isOn(Cr0.PRIQEN.mask()))
        .hex("IDR0", can.idr0())
        .hex("IDR1", can.idr1())
        .hex("IDR3", can.idr3())
        .hex("IDR5", can.idr5())
        .hex("GERROR", unit.register(RegisterMap.GERROR))
        .hex("GERRORN", unit.register(RegisterMap.GERRORN));
  }

  private boolean isOn(long enable) {
    return (unit.register(RegisterMap.CR0ACK) & enable) != 0;
  }

  private StreamScan scan() {
    return new StreamScan(memory, can, stage2, unit.latched());
  }

  @Override
  public void devices(RowSink sink) {
    scan()
        .scan(
            ALL_SOURCES,
            new StreamVisitor() {
              @Override
              public boolean device(int sid, long[] words, String objection) {
                return sink.row(deviceRow(sid, words, objection));
              }

              @Override
              public boolean unreadable(int sid, long address, String kind) {
                return kind.startsWith("cd") || sink.row(Rows.unreadable(sid, address, kind));
              }
            });
  }

  private Row deviceRow(int sid, long[] words, String objection) {
    Row row = Rows.source(sid);
    if (objection != null) {
      return row.text("state", "malformed").text("why", objection);
    }
    if (Ste.CONFIG.get(words) < Ste.CONFIG_BYPASS) {
      return row.text("state", "abort");
    }
    StreamEntry ste = new StreamEntry(sid, words, unit.latched(), can);
    return Rows.describe(row, ste);
  }

  @Override
  public void domains(RowSink sink) {
    Map<String, List<Row>> members = new TreeMap<>();
    Map<String, Row> heads = new TreeMap<>();
    scan()
        .scan(
            ALL_SOURCES,
            new StreamVisitor() {
              @Override
              public boolean stream(int sid, StreamEntry ste) {
                if (ste.stage2) {
                  Row head = Rows.stage2Domain(ste);
                  add(head, Rows.source(sid));
                }
                return true;
              }

              @Override
              public boolean context(int sid, int pasid, StreamEntry ste, ContextEntry cd) {
                add(Rows.stage1Domain(ste, cd), Rows.bound(sid, pasid));
                return true;
              }

              private void add(Row head, Row device) {
                heads.putIfAbsent(head.toString(), head);
                members.computeIfAbsent(head.toString(), key -> new ArrayList<>()).add(device);
              }
            });
    for (Map.Entry<String, Row> head : heads.entrySet()) {
      if (!sink.row(head.getValue().rows("devices", members.get(head.getKey())))) {
        return;
      }
    }
  }

  @Override
  public void mappings(int sourceId, RowSink sink) {
    scan()
        .scan(
            sourceId,
            new StreamVisitor() {
              @Override
              public boolean stream(int sid, StreamEntry ste) {
                if (ste.stage2) {
                  return pages(Rows.Origin.stage2(sid, ste), TableView.stage2(ste), sink);
                }
                return ste.stage1 || sink.row(Rows.bypass(sid));
              }

              @Override
              public boolean context(int sid, int pasid, StreamEntry ste, ContextEntry cd) {
                Rows.Origin origin = Rows.Origin.stage1(sid, pasid, cd);
                return half(origin, ste, cd, false, sink)
                    && (cd.upper == null || half(origin, ste, cd, true, sink));
              }

              @Override
              public boolean unreadable(int sid, long address, String kind) {
                return sink.row(Rows.unreadable(sid, address, kind));
              }
            });
  }

  private boolean half(
      Rows.Origin origin, StreamEntry ste, ContextEntry cd, boolean upper, RowSink sink) {
    return cd.tables(upper).disabled
        || pages(origin, TableView.stage1(ste, cd, upper, stage2), sink);
  }

  private boolean pages(Rows.Origin origin, TableView view, RowSink sink) {
    return new RadixTable(memory, view, view.tables().table)
        .visit(
            view.last(),
            new RadixVisitor() {
              @Override
              public boolean leaf(Leaf leaf) {
                return leaf.rights() == 0 || sink.row(Rows.mapping(origin, view, leaf));
              }

              @Override
              public boolean problem(Problem problem) {
                return sink.row(Rows.problem(origin, view, problem));
              }
            });
  }

  @Override
  public void reachablePages(PageSink sink) {
    Pages pages = new Pages(sink);
    scan()
        .scan(
            ALL_SOURCES,
            new StreamVisitor() {
              @Override
              public boolean page(long address, String kind) {
                return pages.add(address, kind);
              }

              @Override
              public boolean stream(int sid, StreamEntry ste) {
                return !ste.stage2 || pages.tables(TableView.stage2(ste));
              }

              @Override
              public boolean context(int sid, int pasid, StreamEntry ste, ContextEntry cd) {
                return half(ste, cd, false) && (cd.upper == null || half(ste, cd, true));
              }

              private boolean half(StreamEntry ste, ContextEntry cd, boolean upper) {
                return cd.tables(upper).disabled
                    || pages.tables(TableView.stage1(ste, cd, upper, stage2));
              }
            });
    queue(pages, Cr0.CMDQEN.mask(), RegisterMap.CMDQ_BASE, "command-queue");
    queue(pages, Cr0.EVENTQEN.mask(), RegisterMap.EVENTQ_BASE, "event-queue");
    queue(pages, Cr0.PRIQEN.mask(), RegisterMap.PRIQ_BASE, "pri-queue");
  }

  private void queue(Pages pages, long enable, int register, String kind) {
    if (!isOn(enable)) {
      return;
    }
    long base = unit.register(register);
    int entryLg2 =
        register == RegisterMap.EVENTQ_BASE ? QueueBase.EVENT_LG2 : QueueBase.COMMAND_LG2;
    int largest =
        switch (register) {
          case RegisterMap.CMDQ_BASE -> can.commandQueueLg2();
          case RegisterMap.EVENTQ_BASE -> can.eventQueueLg2();
          default -> can.priQueueLg2();
        };
    int lg2 = QueueBase.entriesLg2(base, largest);
    long first = QueueBase.address(base, lg2, entryLg2);
    for (long at = first & -PAGE; at < first + (1L << (lg2 + entryLg2)); at += PAGE) {
      if (!pages.add(at, kind)) {
        return;
      }
    }
  }

  /** Gives each page once, and enters each table once for every level it serves as. */
  private final class Pages {
    private final PageSink sink;
    private final Set<Long> given = new HashSet<>();
    private final Set<String> entered = new HashSet<>();
    private boolean ended;

    Pages(PageSink sink) {
      this.sink = sink;
    }

    boolean add(long address, String kind) {
      boolean fresh = memory.status(address, PAGE) == MemoryStatus.OK && given.add(address);
      ended |= !ended && fresh && !sink.page(address, kind);
      return !ended;
    }

    boolean tables(TableView view) {
      String kind = view.isStage1() ? "s1-table" : "s2-table";
      return new RadixTable(memory, view, view.tables().table)
          .visit(
              view.last(),
              new RadixVisitor() {
                @Override
                public boolean enters(long address, int level) {
                  return entered.add(
                      kind + view.tables().granuleLg2 + ":" + view.locate(address) + ":" + level);
                }

                @Override
                public boolean table(long address, int level) {
                  boolean root = level == view.topLevel();
                  int bits = root ? view.rootIndexBits() : view.indexBits();
                  long end = address + (8L << bits);
                  boolean more = true;
                  for (long at = address & -PAGE; more && at < end; at += PAGE) {
                    more = add(view.locate(at) & -PAGE, kind);
                  }
                  return more;
                }

                @Override
                public boolean leaf(Leaf leaf) {
                  return true;
                }

                @Override
                public boolean problem(Problem problem) {
                  return true;
                }
              });
    }
  }
}
