package org.ioasis.amdvi.driver;

import java.util.Set;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.kit.driver.PageTable;
import org.ioasis.kit.driver.TableFormat;

/**
 * Makes domains of what the unit offers, or says which bit is missing.
 *
 * <p>Without a wish the format is v1, except with the flag PASID: only v2 tables have PASIDs.
 *
 * <p><b>Threading:</b> any thread; holds nothing.
 */
final class DomainMaker {
  private final DriverCore core;

  DomainMaker(DriverCore core) {
    this.core = core;
  }

  private IoasisException unsupported(String what, String why) {
    return new IoasisException(
        Reason.UNSUPPORTED, "%s refused: unit %s %s".formatted(what, core.unitId(), why));
  }

  /** Makes a domain; the caller is inside the gate. */
  AmdDomain make(DomainSpec spec) {
    checkFlags(spec);
    TableFormat format = spec.type() == DomainSpec.Type.PAGING ? format(spec) : null;
    GuestStage guest = spec.type() == DomainSpec.Type.NESTED ? guest(spec) : null;
    int id = core.takeDomainId();
    boolean made = false;
    try {
      AmdDomain domain =
          format != null
              ? AmdDomain.paging(core, spec, id, PageTable.empty(core.tables(), format))
              : guest != null
                  ? AmdDomain.nested(core, spec, id, guest)
                  : AmdDomain.plain(core, spec, id);
      core.add(domain);
      made = true;
      return domain;
    } finally {
      if (!made) {
        core.giveBack(id);
      }
    }
  }

  private void checkFlags(DomainSpec spec) {
    Claims claims = core.claims();
    Set<DomainFlag> flags = spec.flags();
    if (spec.data() != null && spec.type() != DomainSpec.Type.NESTED) {
      throw unsupported("domain data of type " + spec.data().type(), "takes none");
    }
    require(flags, DomainFlag.NEST_PARENT, claims.nesting(), "has EFR2.GCR3TRPModeSup=0");
    require(flags, DomainFlag.USER_PASID_TABLE, claims.nesting(), "has EFR2.GCR3TRPModeSup=0");
    require(flags, DomainFlag.DIRTY_TRACKING, claims.dirtyTracking(), "has EFR.HDSup=0");
    require(flags, DomainFlag.FAULT_CAPABLE, claims.pageRequests(), "has EFR.PPRSup or IotlbSup 0");
    require(flags, DomainFlag.PASID, claims.pasidBits() > 0, "has EFR.GTSup or GIoSup 0");
    if (flags.contains(DomainFlag.DIRTY_TRACKING) && isGuest(spec)) {
      throw unsupported("DIRTY_TRACKING", "marks v1 tables only: leave stage 1 and PASID out");
    }
    if (flags.contains(DomainFlag.NEST_PARENT) && isGuest(spec)) {
      throw unsupported("NEST_PARENT", "nests over v1 tables only: leave stage 1 and PASID out");
    }
    if (flags.contains(DomainFlag.ENFORCE_SNOOP) && isGuest(spec)) {
      throw unsupported("ENFORCE_SNOOP", "has FC in v1 tables only: leave stage 1 and PASID out");
    }
  }

  private void require(Set<DomainFlag> flags, DomainFlag flag, boolean offered, String why) {
    if (flags.contains(flag) && !offered) {
      throw unsupported(flag.name(), why);
    }
  }

  private boolean isGuest(DomainSpec spec) {
    return spec.type() == DomainSpec.Type.PAGING
        && (spec.stage() == 1
            || (spec.stage() == 0
                && (spec.flags().contains(DomainFlag.PASID) || core.claims().hostLevels() == 0)));
  }

  private TableFormat format(DomainSpec spec) {
    Claims claims = core.claims();
    if (isGuest(spec)) {
      if (!claims.guestTables()) {
        throw unsupported("first stage", "has EFR.GTSup or GIoSup 0");
      }
      if (spec.inputBits() > claims.guestBits()) {
        throw unsupported(
            "first stage of %d bits".formatted(spec.inputBits()),
            "translates %d with 4-level tables".formatted(claims.guestBits()));
      }
      return new GuestFormat(claims);
    }
    int levels = claims.hostLevels() == 0 ? 0 : claims.hostLevels(spec.inputBits());
    if (levels == 0) {
      throw unsupported(
          "second stage of %d bits".formatted(spec.inputBits()), "does not offer it by EFR.HATS");
    }
    return new HostFormat(
        levels,
        claims.hostBits(),
        spec.flags().contains(DomainFlag.DIRTY_TRACKING),
        spec.flags().contains(DomainFlag.ENFORCE_SNOOP));
  }

  private GuestStage guest(DomainSpec spec) {
    if (!core.claims().nesting()) {
      throw unsupported("NESTED", "has EFR2.GCR3TRPModeSup=0 or EFR.GTSup=0");
    }
    if (!(spec.parent() instanceof AmdDomain parent)
        || parent.core() != core
        || !parent.isHost()
        || !parent.spec().flags().contains(DomainFlag.NEST_PARENT)) {
      throw new IoasisException(
          Reason.INVALID,
          "nested domain refused: its parent is no v1 domain of unit %s with NEST_PARENT"
              .formatted(core.unitId()));
    }
    return GuestStage.read(spec.data(), core.claims(), core.unitId());
  }
}
