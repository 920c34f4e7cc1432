package org.ioasis.smmuv3.hardware;

import static org.ioasis.kit.registers.Register.reg;

import org.ioasis.api.machine.Profile;
import org.ioasis.kit.registers.RegisterTable;
import org.ioasis.smmuv3.format.Cr0;
import org.ioasis.smmuv3.format.Cr1;
import org.ioasis.smmuv3.format.Cr2;
import org.ioasis.smmuv3.format.Gbpa;
import org.ioasis.smmuv3.format.Gerror;
import org.ioasis.smmuv3.format.IrqCtrl;
import org.ioasis.smmuv3.format.QueueBase;
import org.ioasis.smmuv3.format.QueuePointer;
import org.ioasis.smmuv3.format.RegisterMap;
import org.ioasis.smmuv3.format.StrtabBase;

/**
 * The register pages as a table: a row per register, with access, guard, reset value and handler.
 * "Register overview", "Register formats". Other sizes and unaligned accesses read zero and write
 * nothing.
 *
 * <p>Guarded registers are read-only while their enable is set or not yet gone. Registers of a
 * feature that the unit does not claim are read-only 0, so that a state import finds a place for
 * what a capture lists. Page 1 has its four registers; page 0 has them again, as the unit may.
 */
final class SmmuRegisters {
  /** GBPA at reset: transactions pass with their own shareability. */
  private static final long GBPA_RESET = Gbpa.SHCFG.of(1);

  private static final int[] PERIPHERAL = {0x04, 0, 0, 0, 0x84, 0xB4, 0xF0, 0x10};
  private static final int[] COMPONENT = {0x0D, 0xF0, 0x05, 0xB1};

  private SmmuRegisters() {}

  /** The table of a unit with these capabilities. */
  static RegisterTable<SmmuUnit> table(Profile profile, Capabilities can) {
    RegisterTable.Builder<SmmuUnit> table = RegisterTable.builder("SMMUv3", RegisterMap.SIZE);
    addIdentity(table, profile);
    addControl(table, can);
    addTables(table);
    addQueues(table, can);
    addInterrupts(table, can);
    return table.otherAccessesReadZero().build();
  }

  /** The mask if the condition holds, else 0: fields that a capability brings. */
  private static long when(boolean condition, long mask) {
    return condition ? mask : 0;
  }

  private static void addIdentity(RegisterTable.Builder<SmmuUnit> table, Profile profile) {
    String[] names = {"IDR0", "IDR1", "IDR2", "IDR3", "IDR4", "IDR5", "IIDR", "AIDR"};
    table.array(
        names.length,
        i -> reg(4 * i, names[i], 32).reset(profile.registers().getOrDefault(names[i], 0L)));
    table.array(
        PERIPHERAL.length,
        i -> reg(RegisterMap.PIDR4 + 4 * i, "PIDR" + (i + 4 & 7), 32).reset(PERIPHERAL[i]));
    table.array(
        COMPONENT.length, i -> reg(RegisterMap.CIDR0 + 4 * i, "CIDR" + i, 32).reset(COMPONENT[i]));
  }

  private static void addControl(RegisterTable.Builder<SmmuUnit> table, Capabilities can) {
    long cr0 =
        Cr0.SMMUEN.mask()
            | Cr0.EVENTQEN.mask()
            | Cr0.CMDQEN.mask()
            | when(can.pri(), Cr0.PRIQEN.mask())
            | when(can.ats(), Cr0.ATSCHK.mask())
            | when(can.vmidWildcards(), Cr0.VMW.mask());
    long cr2 =
        Cr2.RECINVSID.mask()
            | Cr2.PTM.mask()
            | when(can.el2(), Cr2.E2H.mask())
            | when(can.recordsAtsErrors(), Cr2.REC_CFG_ATS.mask());
    long gbpa =
        Gbpa.ABORT.mask()
            | Gbpa.UPDATE.mask()
            | when(can.overridesPermissions(), Gbpa.PRIVCFG.mask() | Gbpa.INSTCFG.mask());
    long errors =
        Gerror.CMDQ_ERR.mask()
            | Gerror.EVENTQ_ABT_ERR.mask()
            | when(can.pri(), Gerror.PRIQ_ABT_ERR.mask())
            | when(
                can.msi(),
                Gerror.MSI_CMDQ_ABT_ERR.mask()
                    | Gerror.MSI_EVENTQ_ABT_ERR.mask()
                    | Gerror.MSI_GERROR_ABT_ERR.mask()
                    | when(can.pri(), Gerror.MSI_PRIQ_ABT_ERR.mask()));
    long irq =
        IrqCtrl.GERROR_IRQEN.mask()
            | IrqCtrl.EVENTQ_IRQEN.mask()
            | when(can.pri(), IrqCtrl.PRIQ_IRQEN.mask());
    // spotless:off
    table.rows(
        reg(RegisterMap.CR0,         "CR0",         32).writable(cr0).filter(SmmuUnit::admitEnables).onWrite(SmmuUnit::enables),
        reg(RegisterMap.CR0ACK,      "CR0ACK",      32),
        reg(RegisterMap.CR1,         "CR1",         32).writable(~Cr1.LAYOUT.reserved(0) & 0xFFFF_FFFFL).filter(SmmuUnit::admitAttributes),
        reg(RegisterMap.CR2,         "CR2",         32).writable(cr2).writableWhile(SmmuUnit::isDisabled),
        reg(RegisterMap.STATUSR,     "STATUSR",     32),
        reg(RegisterMap.GBPA,        "GBPA",        32).reset(GBPA_RESET).writable(gbpa).filter(SmmuUnit::admitBypass).onWrite(SmmuUnit::bypass),
        reg(RegisterMap.AGBPA,       "AGBPA",       32),
        reg(RegisterMap.IRQ_CTRL,    "IRQ_CTRL",    32).writable(irq).onWrite(SmmuUnit::interrupts),
        reg(RegisterMap.IRQ_CTRLACK, "IRQ_CTRLACK", 32),
        reg(RegisterMap.GERROR,      "GERROR",      32),
        reg(RegisterMap.GERRORN,     "GERRORN",     32).writable(errors).onWrite(SmmuUnit::errorsAcknowledged));
    // spotless:on
  }

  private static void addTables(RegisterTable.Builder<SmmuUnit> table) {
    long base = (StrtabBase.ADDR.mask() & Addresses.BITS_51_0) | StrtabBase.RA.mask();
    long cfg = StrtabBase.LOG2SIZE.mask() | StrtabBase.SPLIT.mask() | StrtabBase.FMT.mask();
    // spotless:off
    table.rows(
        reg(RegisterMap.STRTAB_BASE,     "STRTAB_BASE",     64).writable(base).writableWhile(SmmuUnit::isDisabled),
        reg(RegisterMap.STRTAB_BASE_CFG, "STRTAB_BASE_CFG", 32).writable(cfg).writableWhile(SmmuUnit::isDisabled));
    // spotless:on
  }

  private static void addQueues(RegisterTable.Builder<SmmuUnit> table, Capabilities can) {
    long base =
        QueueBase.LOG2SIZE.mask()
            | (QueueBase.ADDR.mask() & Addresses.BITS_51_0)
            | QueueBase.HINT.mask();
    long pointer = QueuePointer.POINTER.mask();
    long flagged = pointer | QueuePointer.OVERFLOW.mask();
    long pri = when(can.pri(), -1L);
    // spotless:off
    table.rows(
        reg(RegisterMap.CMDQ_BASE,   "CMDQ_BASE",   64).writable(base).writableWhile(SmmuUnit::isCommandQueueOff),
        reg(RegisterMap.CMDQ_PROD,   "CMDQ_PROD",   32).writable(pointer).onWrite(SmmuUnit::commandsProduced),
        reg(RegisterMap.CMDQ_CONS,   "CMDQ_CONS",   32).writable(pointer).writableWhile(SmmuUnit::isCommandQueueOff),
        reg(RegisterMap.EVENTQ_BASE, "EVENTQ_BASE", 64).writable(base).writableWhile(SmmuUnit::isEventQueueOff),
        reg(RegisterMap.EVENTQ_PROD, "EVENTQ_PROD", 32).writable(flagged).writableWhile(SmmuUnit::isEventQueueOff),
        reg(RegisterMap.EVENTQ_CONS, "EVENTQ_CONS", 32).writable(flagged).onWrite(SmmuUnit::eventsConsumed),
        reg(RegisterMap.PRIQ_BASE,   "PRIQ_BASE",   64).writable(base & pri).writableWhile(SmmuUnit::isPriQueueOff),
        reg(RegisterMap.PRIQ_PROD,   "PRIQ_PROD",   32).writable(flagged & pri).writableWhile(SmmuUnit::isPriQueueOff),
        reg(RegisterMap.PRIQ_CONS,   "PRIQ_CONS",   32).writable(flagged & pri));
    // spotless:on
    table
        .alias(RegisterMap.EVENTQ_PROD - RegisterMap.PAGE_1, "EVENTQ_PROD")
        .alias(RegisterMap.EVENTQ_CONS - RegisterMap.PAGE_1, "EVENTQ_CONS")
        .alias(RegisterMap.PRIQ_PROD - RegisterMap.PAGE_1, "PRIQ_PROD")
        .alias(RegisterMap.PRIQ_CONS - RegisterMap.PAGE_1, "PRIQ_CONS");
  }

  private static void addInterrupts(RegisterTable.Builder<SmmuUnit> table, Capabilities can) {
    long address = when(can.msi(), Addresses.MSI);
    long data = when(can.msi(), 0xFFFF_FFFFL);
    long attributes = when(can.msi(), 0x3F);
    long pri = when(can.pri(), -1L);
    // spotless:off
    table.rows(
        reg(RegisterMap.GERROR_IRQ_CFG0, "GERROR_IRQ_CFG0", 64).writable(address).writableWhile(SmmuUnit::isErrorInterruptOff),
        reg(RegisterMap.GERROR_IRQ_CFG1, "GERROR_IRQ_CFG1", 32).writable(data).writableWhile(SmmuUnit::isErrorInterruptOff),
        reg(RegisterMap.GERROR_IRQ_CFG2, "GERROR_IRQ_CFG2", 32).writable(attributes).writableWhile(SmmuUnit::isErrorInterruptOff),
        reg(RegisterMap.EVENTQ_IRQ_CFG0, "EVENTQ_IRQ_CFG0", 64).writable(address).writableWhile(SmmuUnit::isEventInterruptOff),
        reg(RegisterMap.EVENTQ_IRQ_CFG1, "EVENTQ_IRQ_CFG1", 32).writable(data).writableWhile(SmmuUnit::isEventInterruptOff),
        reg(RegisterMap.EVENTQ_IRQ_CFG2, "EVENTQ_IRQ_CFG2", 32).writable(attributes).writableWhile(SmmuUnit::isEventInterruptOff),
        reg(RegisterMap.PRIQ_IRQ_CFG0,   "PRIQ_IRQ_CFG0",   64).writable(address & pri).writableWhile(SmmuUnit::isPriInterruptOff),
        reg(RegisterMap.PRIQ_IRQ_CFG1,   "PRIQ_IRQ_CFG1",   32).writable(data & pri).writableWhile(SmmuUnit::isPriInterruptOff),
        reg(RegisterMap.PRIQ_IRQ_CFG2,   "PRIQ_IRQ_CFG2",   32).writable((attributes | 0x8000_0000L) & pri).writableWhile(SmmuUnit::isPriInterruptOff));
    // spotless:on
  }

  /** Address bits of registers in a unit without 56-bit addresses. */
  private static final class Addresses {
    static final long BITS_51_0 = (1L << 52) - 1;
    static final long MSI = BITS_51_0 & ~3L;

    private Addresses() {}
  }
}
