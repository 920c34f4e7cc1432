package org.ioasis.vtd.hardware;

import java.util.List;
import org.ioasis.api.inspect.Row;
import org.ioasis.kit.pagetable.RadixVisitor;
import org.ioasis.vtd.format.AddressBits;

/** The rows of {@link VtdInspector}, with the keys of a capture&#39;s {@code mappings} file. */
final class Rows {
  private Rows() {}

  static Row source(int sid) {
    return new Row().number("sid", sid).text("rid", Names.bdf(sid));
  }

  private static Row typed(int sid, int pasid, String type) {
    Row row = source(sid);
    return (pasid < 0 ? row.nothing("pasid") : row.number("pasid", pasid)).text("type", type);
  }

  private static Row tagged(Row row, Binding binding) {
    row.number("did", binding.domain());
    if (!binding.isLegacy()) {
      row.flag("rid_pasid", binding.requesters()).number("pgtt", binding.type());
    }
    return row;
  }

  static Row mapping(Binding binding, StageFormat format, RadixVisitor.Leaf leaf) {
    Row row =
        typed(binding.sid(), binding.pasid(), "map")
            .hex("iova", format.iova(leaf.iova()))
            .hex("size", 1L << AddressBits.spanLg2(leaf.level() + 1))
            .hex("pa", leaf.output())
            .flag("read", (leaf.rights() & Access.READ) != 0)
            .flag("write", (leaf.rights() & Access.WRITE) != 0)
            .number("level", leaf.level() + 1)
            .hex("pte", leaf.entry());
    tagged(row, binding);
    if (binding.isFirstStage()) {
      row.flag("user", (leaf.rights() & StageFormat.USER) != 0)
          .flag("noexec", (leaf.rights() & Access.EXECUTE) == 0);
    }
    return row;
  }

  /**
   * A piece of a nested page.
   *
   * @param offset of the piece in the first-stage page
   * @param place where the second stage puts it
   * @param size bytes of the piece
   */
  static Row nested(
      Binding binding,
      StageFormat format,
      RadixVisitor.Leaf leaf,
      long offset,
      GuestMemory.Place place,
      long size) {
    int both = leaf.rights() & place.rights();
    Row row =
        typed(binding.sid(), binding.pasid(), "map")
            .hex("iova", format.iova(leaf.iova()) + offset)
            .hex("size", size)
            .hex("ipa", leaf.output() + offset)
            .hex("pa", place.host())
            .flag("read", (both & Access.READ) != 0)
            .flag("write", (both & Access.WRITE) != 0)
            .number("level", leaf.level() + 1)
            .hex("pte", leaf.entry());
    return tagged(row, binding)
        .flag("user", (leaf.rights() & StageFormat.USER) != 0)
        .flag("noexec", (leaf.rights() & Access.EXECUTE) == 0);
  }

  static Row passThrough(Binding binding) {
    return tagged(typed(binding.sid(), binding.pasid(), "passthrough"), binding);
  }

  static Row problem(Binding binding, StageFormat format, RadixVisitor.Problem problem) {
    Row row =
        typed(binding.sid(), binding.pasid(), "error")
            .hex("iova", format.iova(problem.iova()))
            .number("level", problem.level() + 1)
            .hex("table", problem.table())
            .text(
                "error",
                problem.cycle()
                    ? "the table is already on its own path"
                    : "the table lies outside memory");
    return tagged(row, binding);
  }

  static Row unreadable(int sid, int pasid, long address, String kind) {
    Row row = sid < 0 ? new Row().text("type", "error") : typed(sid, pasid, "error");
    return row.hex("table", address).text("error", kind + " lies outside memory");
  }

  /** Appends what a device or domain translates with. */
  static Row describe(Row row, Binding binding) {
    row.number("did", binding.domain()).text("translation", Names.type(binding));
    if (!binding.isPassThrough()) {
      row.hex("table", binding.root()).number("levels", binding.levels());
    }
    if (binding.isNested()) {
      row.hex("second-stage-table", binding.secondRoot())
          .number("second-stage-levels", binding.secondLevels())
          .number("guest-address-bits", binding.secondWidth());
    }
    return row.number("address-bits", binding.width());
  }

  /** One domain tag with everything bound to it. */
  static Row domain(List<Binding> members) {
    Binding first = members.get(0);
    Row row = describe(new Row(), first);
    if (first.isFirstStage()) {
      row.number("pasid", first.pasid());
    }
    List<Row> devices =
        members.stream()
            .map(member -> member.isLegacy() ? source(member.sid()) : bound(member))
            .toList();
    return row.rows("devices", devices);
  }

  private static Row bound(Binding member) {
    return source(member.sid())
        .number("pasid", member.pasid())
        .flag("rid_pasid", member.requesters());
  }
}
