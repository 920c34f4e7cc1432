package org.ioasis.vtd.hardware;

import static org.ioasis.kit.registers.Register.reg;

import java.util.Locale;
import org.ioasis.kit.registers.RegisterTable;
import org.ioasis.vtd.format.Ccmd;
import org.ioasis.vtd.format.EventControl;
import org.ioasis.vtd.format.FaultRecord;
import org.ioasis.vtd.format.Fsts;
import org.ioasis.vtd.format.Gcmd;
import org.ioasis.vtd.format.IotlbRegisters;
import org.ioasis.vtd.format.Irta;
import org.ioasis.vtd.format.PageRequestRegisters;
import org.ioasis.vtd.format.Pmen;
import org.ioasis.vtd.format.QueueRegisters;
import org.ioasis.vtd.format.RegisterMap;
import org.ioasis.vtd.format.Rtaddr;
import org.ioasis.vtd.format.VirtualCommand;

/**
 * The register block as a table: a row per register, with access, reset value and handler. VT-d,
 * "Register Descriptions".
 *
 * <p>Registers whose capability the unit does not claim stand in the table too, read-only: they
 * read 0, and a state import finds a place for what a capture lists.
 */
final class VtdRegisters {
  /** Size of the smallest block: one page. */
  private static final int PAGE = 0x1000;

  private static final int LARGEST_BLOCK = 0x10000;

  private static final long DATA = EventControl.IMD.mask();
  private static final long LOW_ADDRESS = EventControl.MA.mask();
  private static final long MASK_BIT = EventControl.IM.mask();
  private static final long LOW_REGION = 0xFFFF_FFFFL & -(1L << ProtectedMemory.GRANULE_LG2);

  private VtdRegisters() {}

  /**
   * The table of a unit with these capabilities.
   *
   * @throws IllegalArgumentException if CAP.FRO or ECAP.IRO put registers onto others
   */
  static RegisterTable<VtdUnit> table(Capabilities can) {
    int iva = can.ivaOffset();
    int records = can.faultRecordOffset();
    int end = Math.max(iva + 16, records + 16 * can.faultRecords());
    int size = Math.min(LARGEST_BLOCK, Math.max(PAGE, (end + PAGE - 1) & -PAGE));
    RegisterTable.Builder<VtdUnit> table = RegisterTable.builder("VT-d", size);
    addIdentity(table, can);
    addCommands(table, can);
    addFaults(table, can);
    addProtectedMemory(table, can);
    addQueue(table, can);
    if (can.virtualCommands()) {
      addVirtualCommands(table);
    }
    addPageRequests(table, can);
    return table.build();
  }

  /** The mask if the condition holds, else 0: fields that a capability brings. */
  private static long when(boolean condition, long mask) {
    return condition ? mask : 0;
  }

  private static void addIdentity(RegisterTable.Builder<VtdUnit> table, Capabilities can) {
    table.rows(
        reg(RegisterMap.VER, "VER", 32).reset(can.version()),
        reg(RegisterMap.CAP, "CAP", 64).reset(can.cap()),
        reg(RegisterMap.ECAP, "ECAP", 64).reset(can.ecap()));
  }

  private static void addCommands(RegisterTable.Builder<VtdUnit> table, Capabilities can) {
    long address = can.addressMask();
    long rtaddr = (Rtaddr.RTA.mask() & address) | Rtaddr.TTM.mask();
    long irta =
        when(can.interruptRemapping(), (Irta.IRTA.mask() & address) | Irta.S.mask())
            | when(can.extendedInterruptMode(), Irta.EIME.mask());
    boolean byRegister = can.majorVersion() < 6;
    long domain = (1L << can.domainIdBits()) - 1;
    long ccmd = Ccmd.ICC.mask() | Ccmd.CIRG.mask() | Ccmd.FM.mask() | Ccmd.SID.mask() | domain;
    long iotlb =
        IotlbRegisters.IVT.mask()
            | IotlbRegisters.IIRG.mask()
            | IotlbRegisters.DR.mask()
            | IotlbRegisters.DW.mask()
            | IotlbRegisters.DID.of(domain);
    long ivaMask = IotlbRegisters.ADDR.mask() | IotlbRegisters.IH.mask() | IotlbRegisters.AM.mask();
    int iva = can.ivaOffset();
    // spotless:off
    table.rows(
        reg(RegisterMap.GCMD,   "GCMD",   32).oneShot(~Gcmd.LAYOUT.reserved(0) & 0xFFFF_FFFFL).readsZero().onWrite(VtdUnit::globalCommand),
        reg(RegisterMap.GSTS,   "GSTS",   32),
        reg(RegisterMap.RTADDR, "RTADDR", 64).writable(rtaddr),
        reg(RegisterMap.CCMD,   "CCMD",   64).writable(when(byRegister, ccmd)).filter(unlessSet(Ccmd.ICC.mask())).onUpperWrite(VtdUnit::contextCommand),
        reg(RegisterMap.IRTA,   "IRTA",   64).writable(irta),
        reg(iva,                "IVA",    64).writable(when(byRegister, ivaMask)).readsZero(),
        reg(iva + 8,            "IOTLB",  64).writable(when(byRegister, iotlb)).filter(unlessSet(IotlbRegisters.IVT.mask())).onUpperWrite(VtdUnit::iotlbCommand));
    // spotless:on
  }

  /** Drops writes while the go bit of a command is set. */
  private static org.ioasis.kit.registers.WriteFilter<Object> unlessSet(long go) {
    return (unit, value, old) -> (old & go) != 0 ? old : value;
  }

  private static void addFaults(RegisterTable.Builder<VtdUnit> table, Capabilities can) {
    long upper = when(can.extendedInterruptMode(), EventControl.MUA.mask());
    long cleared =
        Fsts.PFO.mask()
            | when(can.queuedInvalidation(), Fsts.IQE.mask())
            | when(can.deviceTlb(), Fsts.ICE.mask() | Fsts.ITE.mask());
    long sticky = cleared | Fsts.PPF.mask() | Fsts.FRI.mask();
    // spotless:off
    table.rows(
        reg(RegisterMap.FSTS,    "FSTS",    32).w1c(cleared).sticky(sticky).onWrite(VtdUnit::faultStatus),
        reg(RegisterMap.FECTL,   "FECTL",   32).reset(MASK_BIT).writable(MASK_BIT).onWrite(VtdUnit::faultControl),
        reg(RegisterMap.FEDATA,  "FEDATA",  32).writable(DATA),
        reg(RegisterMap.FEADDR,  "FEADDR",  32).writable(LOW_ADDRESS),
        reg(RegisterMap.FEUADDR, "FEUADDR", 32).writable(upper),
        reg(RegisterMap.AFLOG,   "AFLOG",   64));
    // spotless:on
    int first = can.faultRecordOffset();
    long valid = FaultRecord.F.mask();
    table.array(can.faultRecords(), i -> reg(first + 16 * i, recordName(i, "LO"), 64).sticky(-1L));
    table.array(
        can.faultRecords(),
        i ->
            reg(first + 16 * i + 8, recordName(i, "HI"), 64)
                .w1c(valid)
                .sticky(-1L)
                .onWrite(VtdUnit::faultRecord));
  }

  private static String recordName(int index, String half) {
    return String.format(Locale.ROOT, "FRCD%d_%s", index, half);
  }

  private static void addProtectedMemory(RegisterTable.Builder<VtdUnit> table, Capabilities can) {
    boolean low = can.protectedLow();
    boolean high = can.protectedHigh();
    long high64 = can.addressMask() & -(1L << ProtectedMemory.GRANULE_LG2);
    // spotless:off
    table.rows(
        reg(RegisterMap.PMEN,     "PMEN",     32).writable(when(low || high, Pmen.EPM.mask())).onWrite(VtdUnit::protectedMemory),
        reg(RegisterMap.PLMBASE,  "PLMBASE",  32).writable(when(low, LOW_REGION)).onWrite(VtdUnit::protectedMemory),
        reg(RegisterMap.PLMLIMIT, "PLMLIMIT", 32).writable(when(low, LOW_REGION)).onWrite(VtdUnit::protectedMemory),
        reg(RegisterMap.PHMBASE,  "PHMBASE",  64).writable(when(high, high64)).onWrite(VtdUnit::protectedMemory),
        reg(RegisterMap.PHMLIMIT, "PHMLIMIT", 64).writable(when(high, high64)).onWrite(VtdUnit::protectedMemory));
    // spotless:on
  }

  private static void addQueue(RegisterTable.Builder<VtdUnit> table, Capabilities can) {
    boolean queue = can.queuedInvalidation();
    boolean wide = can.scalable() || can.abortDma();
    long iqa =
        (QueueRegisters.IQA.mask() & can.addressMask())
            | QueueRegisters.QS.mask()
            | when(wide, QueueRegisters.DW.mask());
    long upper = when(queue && can.extendedInterruptMode(), EventControl.MUA.mask());
    long completion = when(queue, QueueRegisters.IWC.mask());
    long tail = QueueRegisters.QT.mask();
    // spotless:off
    table.rows(
        reg(RegisterMap.IQH,     "IQH",     64),
        reg(RegisterMap.IQT,     "IQT",     64).writable(when(queue, tail)).onWrite(VtdUnit::queueTail),
        reg(RegisterMap.IQA,     "IQA",     64).writable(when(queue, iqa)),
        reg(RegisterMap.ICS,     "ICS",     32).w1c(completion).sticky(completion).onWrite(VtdUnit::invalidationStatus),
        reg(RegisterMap.IECTL,   "IECTL",   32).reset(MASK_BIT).writable(when(queue, MASK_BIT)).onWrite(VtdUnit::invalidationControl),
        reg(RegisterMap.IEDATA,  "IEDATA",  32).writable(when(queue, DATA)),
        reg(RegisterMap.IEADDR,  "IEADDR",  32).writable(when(queue, LOW_ADDRESS)),
        reg(RegisterMap.IEUADDR, "IEUADDR", 32).writable(upper),
        reg(RegisterMap.IQERCD,  "IQERCD",  64).sticky(~QueueRegisters.IQERCD_LAYOUT.reserved(0)));
    // spotless:on
  }

  /**
   * Only if claimed: their places may hold moved registers. A command starts with its upper half.
   */
  private static void addVirtualCommands(RegisterTable.Builder<VtdUnit> table) {
    long command = VirtualCommand.CMD.mask() | VirtualCommand.OPERAND.mask();
    // spotless:off
    table.rows(
        reg(RegisterMap.VCMD,    "VCMD",    64).writable(command).onUpperWrite(VtdUnit::virtualCommand),
        reg(RegisterMap.VCMD_EO, "VCMD_EO", 64).writable(),
        reg(RegisterMap.VCRSP,   "VCRSP",   64),
        reg(RegisterMap.VCCAP,   "VCCAP",   64).reset(VirtualCommand.PAS.mask()));
    // spotless:on
  }

  /**
   * The page request queue. A unit without it keeps what a state import puts there, and PECTL reads
   * 0.
   */
  private static void addPageRequests(RegisterTable.Builder<VtdUnit> table, Capabilities can) {
    boolean pages = can.pageRequests();
    long offset = when(pages, PageRequestRegisters.PQH.mask());
    long pqa =
        when(
            pages,
            (PageRequestRegisters.PQA.mask() & can.addressMask())
                | PageRequestRegisters.PQS.mask());
    long status = when(pages, PageRequestRegisters.CONDITIONS);
    long control = when(pages, MASK_BIT);
    long upper = when(pages && can.extendedInterruptMode(), EventControl.MUA.mask());
    // spotless:off
    table.rows(
        reg(RegisterMap.PQH,     "PQH",     64).writable(offset),
        reg(RegisterMap.PQT,     "PQT",     64).writable(offset),
        reg(RegisterMap.PQA,     "PQA",     64).writable(pqa),
        reg(RegisterMap.PRS,     "PRS",     32).w1c(status).sticky(status).onWrite(VtdUnit::pageRequestStatus),
        reg(RegisterMap.PECTL,   "PECTL",   32).reset(control).writable(control).onWrite(VtdUnit::pageRequestControl),
        reg(RegisterMap.PEDATA,  "PEDATA",  32).writable(when(pages, DATA)),
        reg(RegisterMap.PEADDR,  "PEADDR",  32).writable(when(pages, LOW_ADDRESS)),
        reg(RegisterMap.PEUADDR, "PEUADDR", 32).writable(upper));
    // spotless:on
  }
}
