package org.ioasis.smmuv3.hardware;

import org.ioasis.api.inspect.Row;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.kit.inspect.SourceIds;
import org.ioasis.kit.pagetable.RadixVisitor;
import org.ioasis.smmuv3.format.Stage1Descriptor;
import org.ioasis.smmuv3.format.Ste;

/** The rows of {@link SmmuInspector}, with the keys of a capture&#39;s {@code mappings} file. */
final class Rows {
  private Rows() {}

  /**
   * Where mappings come from.
   *
   * @param sid StreamID
   * @param pasid SubstreamID, or -1
   * @param stage 1 or 2
   * @param tag ASID or VMID
   */
  record Origin(int sid, int pasid, int stage, int tag) {
    static Origin stage1(int sid, int pasid, ContextEntry cd) {
      return new Origin(sid, pasid, 1, cd.asid);
    }

    static Origin stage2(int sid, StreamEntry ste) {
      return new Origin(sid, -1, 2, ste.vmid);
    }
  }

  static Row source(int sid) {
    return new Row().number("sid", Integer.toUnsignedLong(sid)).text("rid", SourceIds.bdf(sid));
  }

  private static Row typed(int sid, int pasid, String type) {
    Row row = source(sid);
    return (pasid < 0 ? row.nothing("pasid") : row.number("pasid", pasid)).text("type", type);
  }

  static Row bound(int sid, int pasid) {
    Row row = source(sid);
    return pasid < 0 ? row.nothing("pasid") : row.number("pasid", pasid);
  }

  static Row bypass(int sid) {
    return typed(sid, -1, "bypass");
  }

  static Row unreadable(int sid, long address, String kind) {
    Row row = sid < 0 ? new Row().text("type", "error") : typed(sid, -1, "error");
    return row.hex("table", address).text("error", kind + " lies outside memory");
  }

  private static Row tagged(Row row, Origin origin) {
    return row.number("stage", origin.stage())
        .number(origin.stage() == 1 ? "asid" : "vmid", origin.tag());
  }

  static Row mapping(Origin origin, TableView view, RadixVisitor.Leaf leaf) {
    long descriptor = StageWalk.ordered(leaf.entry(), view.tables().bigEndian);
    Row row =
        typed(origin.sid(), origin.pasid(), "map")
            .hex("iova", view.input(leaf.iova()))
            .hex("size", 1L << view.spanLg2(leaf.level()))
            .hex("pa", leaf.output())
            .flag("read", (leaf.rights() & DmaRequest.READ) != 0)
            .flag("write", (leaf.rights() & DmaRequest.WRITE) != 0)
            .number("level", TableView.level(leaf.level()))
            .hex("pte", leaf.entry());
    tagged(row, origin).flag("af", Stage1Descriptor.AF.isSet(descriptor));
    return origin.stage() == 1 ? row.flag("ng", Stage1Descriptor.NG.isSet(descriptor)) : row;
  }

  static Row problem(Origin origin, TableView view, RadixVisitor.Problem problem) {
    Row row =
        typed(origin.sid(), origin.pasid(), "error")
            .hex("iova", view.input(problem.iova()))
            .number("level", TableView.level(problem.level()))
            .hex("table", problem.table())
            .text(
                "error",
                problem.cycle()
                    ? "the table is already on its own path"
                    : "the table lies outside memory");
    return tagged(row, origin);
  }

  /** Appends what a legal STE selects. */
  static Row describe(Row row, StreamEntry ste) {
    row.text("state", ste.stage1 || ste.stage2 ? "translated" : "bypass")
        .text("translation", translation(ste))
        .text("world", world(ste.world));
    if (ste.stage1) {
      row.hex("cd-table", Ste.S1CONTEXTPTR.inPlace(ste.words))
          .number("substream-bits", ste.contextBits)
          .number("s1dss", ste.s1dss);
    }
    if (ste.stage2) {
      row.number("vmid", ste.vmid);
      tables(row, ste.tables2);
    }
    return row.number("eats", ste.eats);
  }

  /** What Config selects, in words. */
  static String translation(StreamEntry ste) {
    if (ste.stage1) {
      return ste.stage2 ? "nested" : "stage 1";
    }
    return ste.stage2 ? "stage 2" : "bypass";
  }

  private static String world(int world) {
    return switch (world) {
      case StreamEntry.EL2 -> "NS-EL2";
      case StreamEntry.EL2_E2H -> "NS-EL2-E2H";
      default -> "NS-EL1";
    };
  }

  private static Row tables(Row row, Regime tables) {
    return row.hex("table", tables.table)
        .hex("granule", 1L << tables.granuleLg2)
        .number("start-level", tables.startLevel)
        .number("address-bits", tables.inputBits);
  }

  static Row stage2Domain(StreamEntry ste) {
    return tables(new Row().number("vmid", ste.vmid).text("translation", "stage 2"), ste.tables2);
  }

  static Row stage1Domain(StreamEntry ste, ContextEntry cd) {
    Row row =
        new Row()
            .number("vmid", ste.vmid)
            .number("asid", cd.asid)
            .text("world", world(ste.world))
            .text("translation", ste.stage2 ? "nested" : "stage 1");
    boolean upper = cd.lower.disabled && cd.upper != null && !cd.upper.disabled;
    return tables(row, cd.tables(upper));
  }
}
