package org.ioasis.amdvi.hardware;

import java.util.List;
import org.ioasis.amdvi.format.Dte;
import org.ioasis.amdvi.format.GuestPte;
import org.ioasis.amdvi.format.HostPte;
import org.ioasis.api.inspect.Row;
import org.ioasis.kit.inspect.SourceIds;
import org.ioasis.kit.pagetable.RadixVisitor;

/** The inspector&#39;s rows. Pure functions. */
final class Rows {
  private Rows() {}

  private static Row source(int deviceId) {
    return new Row().number("sid", deviceId).text("rid", SourceIds.bdf(deviceId));
  }

  /** A row of mappings: who, with which PASID, and its type. */
  static Row typed(DeviceEntry entry, int pasid, String type) {
    Row row = source(entry.deviceId());
    return (pasid < 0 ? row.nothing("pasid") : row.number("pasid", pasid)).text("type", type);
  }

  static Row passThrough(DeviceEntry entry) {
    return typed(entry, -1, "passthrough").number("did", entry.domain);
  }

  /** A page of a v1 table, once for all its replicas. */
  static Row hostPage(DeviceEntry entry, RadixVisitor.Leaf leaf, int lg2) {
    int level = leaf.level() + 1;
    int rights = leaf.rights() & entry.rights;
    Row row =
        typed(entry, -1, "map")
            .hex("iova", leaf.iova())
            .hex("size", 1L << lg2)
            .hex("pa", leaf.output())
            .flag("read", (rights & Access.READ) != 0)
            .flag("write", (rights & Access.WRITE) != 0)
            .number("did", entry.domain)
            .number("level", level)
            .hex("pte", leaf.entry());
    if (HostPte.NEXT_LEVEL.get(leaf.entry()) == HostPte.NEXT_LEVEL_EXPLICIT_SIZE) {
      row.number("nextlevel", HostPte.NEXT_LEVEL_EXPLICIT_SIZE)
          .number("replicas", 1L << (lg2 - HostPte.defaultSizeLg2(level)));
    }
    return row;
  }

  /** A page of a v2 table; with host tables under it what it leads to is a GPA. */
  static Row guestPage(DeviceEntry entry, int pasid, long iova, RadixVisitor.Leaf leaf) {
    int level = leaf.level() + 1;
    return typed(entry, pasid, "map")
        .hex("iova", iova)
        .hex("size", 1L << GuestPte.sizeLg2(level))
        .hex(entry.mode == 0 ? "pa" : "gpa", leaf.output())
        .flag("read", (entry.rights & Access.READ) != 0)
        .flag("write", (leaf.rights() & entry.rights & Access.WRITE) != 0)
        .number("did", entry.domain)
        .number("level", level)
        .hex("pte", leaf.entry())
        .flag("user", (leaf.rights() & TableFormats.USER) != 0)
        .flag("noexec", (leaf.rights() & Access.EXECUTE) == 0);
  }

  static Row problem(DeviceEntry entry, int pasid, long iova, RadixVisitor.Problem problem) {
    return typed(entry, pasid, "error")
        .hex("iova", iova)
        .number("level", problem.level() + 1)
        .hex("table", problem.table())
        .text(
            "error",
            problem.cycle()
                ? "the table is already on its own path"
                : "the table lies outside memory")
        .number("did", entry.domain);
  }

  static Row unreadable(int deviceId, long address, String kind) {
    return source(deviceId)
        .nothing("pasid")
        .text("type", "error")
        .hex("table", address)
        .text("error", kind + " lies outside memory");
  }

  /** What an entry says. */
  static Row device(DeviceEntry entry, Capabilities capabilities) {
    Row row = source(entry.deviceId()).text("state", state(entry, capabilities));
    if (entry.valid && entry.translates) {
      row.number("did", entry.domain).number("mode", entry.mode);
      if (entry.mode != 0) {
        row.hex("table", entry.hostRoot);
      }
      row.flag("read", (entry.rights & Access.READ) != 0)
          .flag("write", (entry.rights & Access.WRITE) != 0);
      if (entry.guest) {
        row.hex("gcr3-table", entry.gcr3Root)
            .number("gcr3-levels", entry.glx + 1)
            .number("guest-levels", entry.guestLevels)
            .flag("guest-without-pasid", entry.guestWithoutPasid);
      }
      row.flag("ats", entry.iotlb).flag("page-requests", entry.pageRequests);
      row.number("had", entry.had);
    }
    if (entry.remapsInterrupts()) {
      row.hex("interrupt-table", Dte.INT_ROOT.inPlace(entry.word2))
          .number("interrupt-entries", 1L << Dte.INT_TAB_LEN.get(entry.word2))
          .number("int-ctl", Dte.INT_CTL.get(entry.word2));
    }
    return row;
  }

  private static String state(DeviceEntry entry, Capabilities capabilities) {
    if (!entry.valid) {
      return "passthrough";
    }
    if (entry.malformed || (entry.translates && !entry.hasLegalMode(capabilities))) {
      return "malformed";
    }
    if (!entry.translates) {
      return "no-translation";
    }
    if (entry.guest) {
      return entry.mode == 0 ? "guest" : "nested";
    }
    if (entry.mode != 0) {
      return "translated";
    }
    return entry.rights == 0 ? "blocked" : "passthrough";
  }

  /** One DomainID and host root with everything bound to it. */
  static Row domain(List<DeviceEntry> members) {
    DeviceEntry first = members.get(0);
    Row row = new Row().number("did", first.domain);
    row.text(
        "translation", first.mode != 0 ? "host table" : first.guest ? "guest tables" : "identity");
    if (first.mode != 0) {
      row.hex("table", first.hostRoot).number("levels", first.mode);
    }
    return row.rows("devices", members.stream().map(member -> source(member.deviceId())).toList());
  }
}
