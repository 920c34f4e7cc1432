package org.ioasis.amdvi.hardware;

import static org.ioasis.kit.registers.Register.reg;

import org.ioasis.amdvi.format.Control;
import org.ioasis.amdvi.format.DeviceTableBase;
import org.ioasis.amdvi.format.ExclusionRange;
import org.ioasis.amdvi.format.HardwareEventStatus;
import org.ioasis.amdvi.format.MsiCapability;
import org.ioasis.amdvi.format.PprAutoResponse;
import org.ioasis.amdvi.format.PprOverflowEarly;
import org.ioasis.amdvi.format.RegisterMap;
import org.ioasis.amdvi.format.RingBase;
import org.ioasis.amdvi.format.RingPointer;
import org.ioasis.amdvi.format.Status;
import org.ioasis.amdvi.format.XtInterruptControl;
import org.ioasis.kit.registers.RegisterTable;

/**
 * The register block as a table: a row per register, with access, reset value and handler. "IOMMU
 * MMIO Registers".
 *
 * <p>Base registers and the pointers that the unit moves do not take writes while their ring runs.
 * Registers whose capability the unit does not claim stand in the table too, read-only, so that a
 * state import finds a place for what a capture lists.
 */
final class AmdviRegisters {
  private static final long RING = RingBase.ADDRESS.mask() | RingBase.LENGTH.mask();
  private static final long POINTER = RingPointer.OFFSET.mask();
  private static final long COMMANDS = Status.CMD_BUF_RUN.mask();
  private static final long EVENTS = Status.EVENT_LOG_RUN.mask();
  private static final long REQUESTS = Status.PPR_LOG_RUN.mask();

  private AmdviRegisters() {}

  /** The table of a unit with these capabilities. */
  static RegisterTable<AmdviUnit> table(Capabilities can) {
    RegisterTable.Builder<AmdviUnit> table =
        RegisterTable.builder("AMD-Vi", RegisterMap.BLOCK_BYTES);
    addControl(table, can);
    addRings(table, can);
    addOwnInterrupts(table, can);
    return table.build();
  }

  /** The mask if the condition holds, else 0: fields that a capability brings. */
  private static long when(boolean condition, long mask) {
    return condition ? mask : 0;
  }

  private static void addControl(RegisterTable.Builder<AmdviUnit> table, Capabilities can) {
    long errors = when(can.hardwareErrors(), -1L);
    long errorBits = HardwareEventStatus.HEV.mask() | HardwareEventStatus.HEO.mask();
    long exclusion =
        ExclusionRange.EX_EN.mask() | ExclusionRange.ALLOW.mask() | ExclusionRange.BASE.mask();
    // spotless:off
    table.rows(
        reg(RegisterMap.DEV_TAB_BASE,    "DEV_TAB_BASE",    64).writable(DeviceTableBase.writable(0)).onWrite(AmdviUnit::latch),
        reg(RegisterMap.CONTROL,         "CONTROL",         64).reset(Control.COHERENT.mask()).writable(control(can)).filter(AmdviUnit::admitControl).onWrite(AmdviUnit::control),
        reg(RegisterMap.EXCL_BASE,       "EXCL_BASE",       64).writable(exclusion).onWrite(AmdviUnit::latch),
        reg(RegisterMap.EXCL_LIMIT,      "EXCL_LIMIT",      64).writable(ExclusionRange.LIMIT.mask()).onWrite(AmdviUnit::latch),
        reg(RegisterMap.EXT_FEATURES,    "EXT_FEATURES",    64).reset(can.efr()),
        reg(RegisterMap.HW_EVENT_UPPER,  "HW_EVENT_UPPER",  64).writable(errors),
        reg(RegisterMap.HW_EVENT_LOWER,  "HW_EVENT_LOWER",  64).writable(errors),
        reg(RegisterMap.HW_EVENT_STATUS, "HW_EVENT_STATUS", 64).w1c(when(can.hardwareErrors(), errorBits)),
        reg(RegisterMap.EXT_FEATURES_2,  "EXT_FEATURES_2",  64).reset(can.efr2()),
        reg(RegisterMap.STATUS,          "STATUS",          64).w1c(status(can)));
    // spotless:on
    table.array(
        DeviceTableBase.SEGMENTS - 1,
        element -> {
          int segment = element + 1;
          long mask = when(segment < 1 << can.segmentsLg2(), DeviceTableBase.writable(segment));
          return reg(RegisterMap.segmentBase(segment), "DEV_TAB_SEG_" + segment, 64)
              .writable(mask)
              .onWrite(AmdviUnit::latch);
        });
  }

  /** The bits of CONTROL that do something, and those that say how the bus is used. */
  static long control(Capabilities can) {
    // spotless:off
    return Control.IOMMU_EN.mask() | Control.HT_TUN_EN.mask() | Control.EVENT_LOG_EN.mask()
        | Control.EVENT_INT_EN.mask() | Control.COM_WAIT_INT_EN.mask() | Control.INV_TIME_OUT.mask()
        | Control.PASS_PW.mask() | Control.RES_PASS_PW.mask() | Control.COHERENT.mask()
        | Control.ISOC.mask() | Control.CMD_BUF_EN.mask() | Control.IRT_CACHE_DIS.mask()
        | when(can.pageRequests(), Control.PPR_LOG_EN.mask() | Control.PPR_INT_EN.mask() | Control.PPR_EN.mask())
        | when(can.guestTables(), Control.GT_EN.mask())
        | when(can.guestApicEntries(), Control.GA_EN.mask())
        | when(can.segmentsLg2() != 0, Control.DEV_TBL_SEG_EN.mask())
        | when(can.autoResponse(), Control.PPR_AUTO_RSP_EN.mask() | Control.PPR_AUTO_RSP_AON.mask())
        | when(can.manyInterrupts(), Control.NUM_INT_REMAP_MODE.mask())
        | when(can.enhancedPageRequests(), Control.EPH_EN.mask())
        | when(can.x2Apic(), Control.XT_EN.mask() | Control.INT_CAP_XT_EN.mask())
        | when(can.gcr3ByGuestAddress(), Control.GCR3_TRP_MODE.mask());
    // spotless:on
  }

  private static long status(Capabilities can) {
    return Status.EVENT_OVERFLOW.mask()
        | Status.EVENT_LOG_INT.mask()
        | Status.COM_WAIT_INT.mask()
        | when(can.pageRequests(), Status.PPR_OVERFLOW.mask() | Status.PPR_INT.mask())
        | when(can.earlyOverflow(), Status.PPR_OVERFLOW_EARLY.mask());
  }

  private static void addRings(RegisterTable.Builder<AmdviUnit> table, Capabilities can) {
    long ppr = when(can.pageRequests(), -1L);
    long early =
        PprOverflowEarly.THRESHOLD.mask()
            | PprOverflowEarly.INT_EN.mask()
            | PprOverflowEarly.EN.mask();
    long automatic = PprAutoResponse.CODE.mask() | PprAutoResponse.MASK_GN.mask();
    // spotless:off
    table.rows(
        reg(RegisterMap.CMD_BUF_BASE,   "CMD_BUF_BASE",   64).writable(RING).<AmdviUnit>writableWhile(unit -> unit.isStopped(COMMANDS)).onWrite(AmdviUnit::commandBase),
        reg(RegisterMap.EVENT_LOG_BASE, "EVENT_LOG_BASE", 64).writable(RING).<AmdviUnit>writableWhile(unit -> unit.isStopped(EVENTS)).onWrite(AmdviUnit::eventBase),
        reg(RegisterMap.PPR_LOG_BASE,   "PPR_LOG_BASE",   64).writable(RING & ppr).<AmdviUnit>writableWhile(unit -> unit.isStopped(REQUESTS)).onWrite(AmdviUnit::pprBase),
        reg(RegisterMap.CMD_BUF_HEAD,   "CMD_BUF_HEAD",   64).writable(POINTER).<AmdviUnit>writableWhile(unit -> unit.isStopped(COMMANDS)),
        reg(RegisterMap.CMD_BUF_TAIL,   "CMD_BUF_TAIL",   64).writable(POINTER).onWrite(AmdviUnit::commandTail),
        reg(RegisterMap.EVENT_LOG_HEAD, "EVENT_LOG_HEAD", 64).writable(POINTER),
        reg(RegisterMap.EVENT_LOG_TAIL, "EVENT_LOG_TAIL", 64).writable(POINTER).<AmdviUnit>writableWhile(unit -> unit.isStopped(EVENTS)),
        reg(RegisterMap.PPR_LOG_HEAD,   "PPR_LOG_HEAD",   64).writable(POINTER & ppr),
        reg(RegisterMap.PPR_LOG_TAIL,   "PPR_LOG_TAIL",   64).writable(POINTER & ppr).<AmdviUnit>writableWhile(unit -> unit.isStopped(REQUESTS)),
        reg(RegisterMap.PPR_AUTO_RESPONSE,  "PPR_AUTO_RESPONSE",  64).writable(when(can.autoResponse(), automatic)),
        reg(RegisterMap.PPR_OVERFLOW_EARLY, "PPR_OVERFLOW_EARLY", 64).writable(when(can.earlyOverflow(), early)));
    // spotless:on
  }

  private static void addOwnInterrupts(RegisterTable.Builder<AmdviUnit> table, Capabilities can) {
    boolean mmio = can.messagesByMmio();
    long xt =
        when(
            can.x2Apic(),
            XtInterruptControl.DEST_MODE.mask()
                | XtInterruptControl.DEST_LOW.mask()
                | XtInterruptControl.VECTOR.mask()
                | XtInterruptControl.DELIVERY.mask()
                | XtInterruptControl.DEST_HIGH.mask());
    // spotless:off
    table.rows(
        reg(RegisterMap.MSI_HEADER,       "MSI_HEADER",       32).writable(when(mmio, MsiCapability.EN.mask())),
        reg(RegisterMap.MSI_ADDRESS_LOW,  "MSI_ADDRESS_LOW",  32).writable(when(mmio, MsiCapability.ADDRESS_LOW.mask())),
        reg(RegisterMap.MSI_ADDRESS_HIGH, "MSI_ADDRESS_HIGH", 32).writable(when(mmio, 0xFFFF_FFFFL)),
        reg(RegisterMap.MSI_DATA,         "MSI_DATA",         32).writable(when(mmio, MsiCapability.DATA.mask())),
        reg(RegisterMap.XT_INT_GENERAL,   "XT_INT_GENERAL",   64).writable(xt),
        reg(RegisterMap.XT_INT_PPR,       "XT_INT_PPR",       64).writable(xt),
        reg(RegisterMap.XT_INT_GA,        "XT_INT_GA",        64));
    // spotless:on
  }
}
