package org.ioasis.vtd.driver;

import java.util.Set;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.kit.driver.PageTable;

/**
 * Makes domains, or says which capability bit is missing for one.
 *
 * <p><b>Threading:</b> any thread inside the gate; it has no state.
 */
final class DomainMaker {
  private final DriverCore core;

  DomainMaker(DriverCore core) {
    this.core = core;
  }

  /**
   * A domain that is known to the driver.
   *
   * @throws IoasisException UNSUPPORTED naming the capability bit; INVALID for data that is not
   *     legal; EXHAUSTED without a domain-id or a frame
   */
  VtdDomain make(DomainSpec spec) {
    checkFlags(spec);
    int did = core.takeDid();
    boolean made = false;
    try {
      VtdDomain domain = make(spec, did);
      core.add(domain);
      made = true;
      return domain;
    } finally {
      if (!made) {
        core.giveBack(did);
      }
    }
  }

  private void checkFlags(DomainSpec spec) {
    Set<DomainFlag> flags = spec.flags();
    boolean nests = spec.type() == DomainSpec.Type.NESTED;
    if ((flags.contains(DomainFlag.NEST_PARENT) || nests) && !core.claims().nesting()) {
      throw unsupported("nesting", "does not offer ECAP.NEST in the mode it runs in");
    }
    if (flags.contains(DomainFlag.NEST_PARENT) && spec.type() != DomainSpec.Type.PAGING) {
      throw unsupported("NEST_PARENT of type " + spec.type(), "nests in PAGING domains alone");
    }
    if (flags.contains(DomainFlag.USER_PASID_TABLE)) {
      throw unsupported(
          "USER_PASID_TABLE", "finds PASID tables by host addresses (no capability bit)");
    }
    if (flags.contains(DomainFlag.DIRTY_TRACKING) && spec.type() != DomainSpec.Type.PAGING) {
      throw unsupported("DIRTY_TRACKING of type " + spec.type(), "marks pages of PAGING domains");
    }
    if (flags.contains(DomainFlag.FAULT_CAPABLE) && !core.claims().pageRequests()) {
      throw unsupported("FAULT_CAPABLE", "does not offer ECAP.DT, PRS and PDS in scalable mode");
    }
    if (flags.contains(DomainFlag.PASID) && core.claims().pasidBits() == 0) {
      throw unsupported("PASID", "does not offer ECAP.PASID with ECAP.SMTS");
    }
    if (flags.contains(DomainFlag.ENFORCE_SNOOP) && !core.claims().snoopControl()) {
      throw unsupported("ENFORCE_SNOOP", "has ECAP.SC=0");
    }
    if (spec.data() != null && !nests) {
      throw unsupported("domain data of type " + spec.data().type(), "takes none");
    }
  }

  private VtdDomain make(DomainSpec spec, int did) {
    return switch (spec.type()) {
      case NESTED -> {
        checkParent(spec);
        FirstStage first = FirstStage.of(spec.data(), core.claims(), core.unitId());
        yield VtdDomain.nested(core, spec, did, first);
      }
      case IDENTITY -> {
        if (!core.claims().passThrough()) {
          throw unsupported("IDENTITY", "has ECAP.PT=0");
        }
        yield new VtdDomain(core, spec, did, null);
      }
      case BLOCKED -> new VtdDomain(core, spec, did, null);
      case PAGING -> {
        yield new VtdDomain(core, spec, did, PageTable.empty(core.tables(), format(spec)));
      }
    };
  }

  /** The format a paging domain gets: second stage unless only the first is there or asked for. */
  private VtdTableFormat format(DomainSpec spec) {
    Claims claims = core.claims();
    boolean parent = spec.flags().contains(DomainFlag.NEST_PARENT);
    boolean marks = spec.flags().contains(DomainFlag.DIRTY_TRACKING);
    int stage = spec.stage() != 0 ? spec.stage() : preferredStage(marks && !parent);
    if (parent && stage != 2) {
      throw unsupported("NEST_PARENT of stage 1", "nests over its second stage");
    }
    if (marks && !(stage == 1 ? claims.marksFirstStage() : claims.marksSecondStage())) {
      throw unsupported(
          "DIRTY_TRACKING of stage " + stage,
          "does not offer ECAP." + (stage == 1 ? "SMPWCS" : "SSADS with SMPWCS"));
    }
    if (stage == 1) {
      if (!claims.firstStage()) {
        throw unsupported("first stage", "does not offer ECAP.FSTS in the mode it runs in");
      }
      int levels = claims.firstStageLevels(spec.inputBits());
      if (levels == 0) {
        throw unsupported(
            "first stage of %d bits".formatted(spec.inputBits()),
            "does not offer it by CAP.FS5LP and CAP.MGAW");
      }
      return VtdTableFormat.firstStage(claims, levels, marks);
    }
    int levels = claims.secondStage() ? claims.secondStageLevels(spec.inputBits()) : 0;
    if (levels == 0) {
      throw unsupported(
          "second stage of %d bits".formatted(spec.inputBits()),
          "does not offer it by ECAP.SSTS, CAP.SAGAW and CAP.MGAW");
    }
    boolean snoop = spec.flags().contains(DomainFlag.ENFORCE_SNOOP);
    return VtdTableFormat.secondStage(claims, levels, snoop, marks);
  }

  /** The second stage, unless it is not there or cannot mark what has to be marked. */
  private int preferredStage(boolean marks) {
    Claims claims = core.claims();
    boolean second = claims.secondStage() && (!marks || claims.marksSecondStage());
    return second || !claims.firstStage() || (marks && !claims.marksFirstStage()) ? 2 : 1;
  }

  private void checkParent(DomainSpec spec) {
    boolean fits =
        spec.parent() instanceof VtdDomain parent
            && parent.core() == core
            && parent.spec().flags().contains(DomainFlag.NEST_PARENT);
    if (!fits) {
      throw new IoasisException(
          Reason.INVALID,
          "nested domain refused: its parent is no NEST_PARENT of unit %s"
              .formatted(core.unitId()));
    }
  }

  private IoasisException unsupported(String what, String bit) {
    return new IoasisException(
        Reason.UNSUPPORTED, "%s refused: unit %s %s".formatted(what, core.unitId(), bit));
  }
}
