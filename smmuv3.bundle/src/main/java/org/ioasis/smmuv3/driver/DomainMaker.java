package org.ioasis.smmuv3.driver;

import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.kit.driver.PageTable;
import org.ioasis.kit.driver.TableFormat;

/**
 * Makes domains of what the unit offers, or says which bit is missing.
 *
 * <p>Without a wish the format is stage 1, which has PASIDs, unless other domains are to nest in
 * it.
 *
 * <p><b>Threading:</b> any thread.
 */
final class DomainMaker {
  private final DriverCore core;
  private final AtomicInteger serial = new AtomicInteger();

  DomainMaker(DriverCore core) {
    this.core = core;
  }

  /** Leaves a number of a predecessor&#39;s out. */
  void reserve(int taken) {
    serial.accumulateAndGet(taken, Math::max);
  }

  private IoasisException unsupported(String what, String why) {
    return new IoasisException(
        Reason.UNSUPPORTED, "%s refused: unit %s %s".formatted(what, core.unitId(), why));
  }

  /** Makes a domain; the caller is inside the gate. */
  SmmuDomain make(DomainSpec spec) {
    checkFlags(spec);
    SmmuDomain domain =
        switch (spec.type()) {
          case PAGING -> paging(spec);
          case NESTED -> nested(spec);
          default -> SmmuDomain.plain(core, spec, serial.incrementAndGet());
        };
    core.add(domain);
    return domain;
  }

  private void checkFlags(DomainSpec spec) {
    Claims claims = core.claims();
    Set<DomainFlag> flags = spec.flags();
    if (spec.data() != null && spec.type() != DomainSpec.Type.NESTED) {
      throw unsupported("domain data of type " + spec.data().type(), "takes none");
    }
    require(flags, DomainFlag.NEST_PARENT, claims.nesting(), "has IDR0.S1P or S2P 0");
    require(flags, DomainFlag.USER_PASID_TABLE, claims.nesting(), "has IDR0.S1P or S2P 0");
    require(flags, DomainFlag.DIRTY_TRACKING, claims.dirtyTracking(), "has IDR0.HTTU below 2");
    require(
        flags,
        DomainFlag.FAULT_CAPABLE,
        claims.pageRequests() || claims.stalls(),
        "has IDR0.PRI=0 and STALL_MODEL=1");
    require(flags, DomainFlag.PASID, claims.pasidBits() > 0, "has IDR1.SSIDSIZE=0 or S1P=0");
    require(flags, DomainFlag.ENFORCE_SNOOP, false, "overrules no device's wish not to snoop");
    if (flags.contains(DomainFlag.NEST_PARENT) && flags.contains(DomainFlag.PASID)) {
      throw unsupported("NEST_PARENT with PASID", "nests over stage 2, which has no PASIDs");
    }
  }

  private void require(Set<DomainFlag> flags, DomainFlag flag, boolean offered, String why) {
    if (flags.contains(flag) && !offered) {
      throw unsupported(flag.name(), why);
    }
  }

  private boolean isStage1(DomainSpec spec) {
    boolean parent = spec.flags().contains(DomainFlag.NEST_PARENT);
    if (spec.stage() == 0) {
      return core.claims().stage1() && !parent;
    }
    if (spec.stage() == 1 && parent) {
      throw unsupported("NEST_PARENT of stage 1", "nests over stage 2");
    }
    if (spec.stage() == 2 && spec.flags().contains(DomainFlag.PASID)) {
      throw unsupported("PASID of stage 2", "has PASIDs in stage 1");
    }
    return spec.stage() == 1;
  }

  private SmmuDomain paging(DomainSpec spec) {
    boolean stage1 = isStage1(spec);
    TableFormat format = format(spec, stage1);
    int tag = core.takeTag(stage1);
    boolean made = false;
    try {
      SmmuDomain domain =
          SmmuDomain.paging(
              core, spec, serial.incrementAndGet(), tag, PageTable.empty(core.tables(), format));
      made = true;
      return domain;
    } finally {
      if (!made) {
        core.giveBack(stage1, tag);
      }
    }
  }

  private TableFormat format(DomainSpec spec, boolean stage1) {
    Claims claims = core.claims();
    if ((stage1 && !claims.stage1()) || (!stage1 && !claims.stage2())) {
      throw unsupported("stage " + (stage1 ? 1 : 2), "has IDR0.S%dP=0".formatted(stage1 ? 1 : 2));
    }
    int width = stage1 ? claims.stage1Bits() : claims.stage2Bits();
    if (spec.inputBits() > width) {
      throw unsupported(
          "stage %d of %d bits".formatted(stage1 ? 1 : 2, spec.inputBits()),
          "translates %d bits with this driver".formatted(width));
    }
    boolean dirty = spec.flags().contains(DomainFlag.DIRTY_TRACKING);
    return stage1 ? new Stage1Format(claims, width, dirty) : new Stage2Format(claims, width, dirty);
  }

  private SmmuDomain nested(DomainSpec spec) {
    if (!(spec.parent() instanceof SmmuDomain parent)
        || parent.core() != core
        || !parent.isStage2()
        || !parent.spec().flags().contains(DomainFlag.NEST_PARENT)) {
      throw new IoasisException(
          Reason.INVALID,
          "nested domain refused: its parent is no stage-2 domain of unit %s with NEST_PARENT"
              .formatted(core.unitId()));
    }
    GuestStage stage = GuestStage.read(spec.data(), core.unitId());
    return SmmuDomain.nested(core, spec, serial.incrementAndGet(), stage);
  }
}
