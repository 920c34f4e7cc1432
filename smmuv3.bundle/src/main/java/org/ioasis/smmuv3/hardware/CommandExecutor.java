package org.ioasis.smmuv3.hardware;

import org.ioasis.api.machine.AtcInvalidation;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.smmuv3.format.AtcInv;
import org.ioasis.smmuv3.format.Cfgi;
import org.ioasis.smmuv3.format.CfgiRange;
import org.ioasis.smmuv3.format.CmdqCons;
import org.ioasis.smmuv3.format.Command;
import org.ioasis.smmuv3.format.Cr0;
import org.ioasis.smmuv3.format.PriResp;
import org.ioasis.smmuv3.format.RegisterMap;
import org.ioasis.smmuv3.format.Resume;
import org.ioasis.smmuv3.format.StallTerm;
import org.ioasis.smmuv3.format.Sync;
import org.ioasis.smmuv3.format.Tlbi;

/**
 * Checks and executes commands. "Commands". Whether a command is illegal is decided before anything
 * is done; reserved bits are ignored. Invalidations by address are exact up to the level hint,
 * which is not looked at.
 *
 * <p><b>Threading:</b> one turn of the command queue at a time.
 */
final class CommandExecutor {
  /** The command is a legal CMD_SYNC: complete it after the grace. */
  static final int SYNC = -1;

  private static final int DONE = CmdqCons.CERROR_NONE, ILLEGAL = CmdqCons.CERROR_ILL;
  private static final int SID_BITS = 32;
  private static final int PAGE_LG2 = 12;
  private static final int RESERVED_RESPONSE = 3, RESERVED_SIGNAL = 3;
  private static final int TOP_BYTE = 8;

  private final UnitCore core;
  private final Capabilities can;
  private final TranslationCaches caches;
  private final StallTable stalls;
  private final AtcInvalidations devices;
  private final int vmidMask;

  /** The range that the present command names. */
  private long first;

  private long last;

  CommandExecutor(
      UnitCore core, TranslationCaches caches, StallTable stalls, AtcInvalidations devices) {
    this.core = core;
    this.can = core.capabilities;
    this.caches = caches;
    this.stalls = stalls;
    this.devices = devices;
    this.vmidMask = can.stage2() ? 0xFFFF : 0;
  }

  /**
   * Executes a command.
   *
   * @return CERROR_NONE when it is done, CERROR_ILL, or {@link #SYNC}
   */
  int execute(long[] command) {
    if (Command.SSEC.isSet(command[0])) {
      return ILLEGAL;
    }
    int opcode = Command.opcode(command[0]);
    return switch (opcode) {
      case Command.PREFETCH_CONFIG, Command.PREFETCH_ADDR -> DONE; // hints
      case Command.CFGI_STE -> cfgiSte(command);
      case Command.CFGI_STE_RANGE -> cfgiSteRange(command);
      case Command.CFGI_CD -> can.stage1() ? cfgiCd(command) : ILLEGAL;
      case Command.CFGI_CD_ALL -> can.stage1() ? cfgiCdAll(command) : ILLEGAL;
      case Command.TLBI_NH_ALL, Command.TLBI_NH_ASID, Command.TLBI_NH_VA, Command.TLBI_NH_VAA ->
          can.stage1() ? tlbiNh(opcode, command) : ILLEGAL;
      case Command.TLBI_EL2_ALL, Command.TLBI_EL2_ASID, Command.TLBI_EL2_VA, Command.TLBI_EL2_VAA ->
          can.el2() ? tlbiEl2(opcode, command) : ILLEGAL;
      case Command.TLBI_S12_VMALL -> can.stage2() ? tlbiS12(command) : ILLEGAL;
      case Command.TLBI_S2_IPA -> can.stage2() ? tlbiS2Ipa(command) : ILLEGAL;
      case Command.TLBI_NSNH_ALL -> tlbiNsnhAll();
      case Command.ATC_INV -> can.ats() ? atcInv(command) : ILLEGAL;
      case Command.PRI_RESP -> can.pri() ? priResp(command) : ILLEGAL;
      case Command.RESUME -> can.stalls() ? resume(command) : ILLEGAL;
      case Command.STALL_TERM -> can.stalls() ? stallTerm(command) : ILLEGAL;
      case Command.SYNC -> Sync.CS.get(command) == RESERVED_SIGNAL ? ILLEGAL : SYNC;
      default -> ILLEGAL;
    };
  }

  // ---- configuration ----

  private int cfgiSte(long[] command) {
    caches.invalidateStreams((int) Cfgi.SID.get(command), 0);
    return DONE;
  }

  private int cfgiSteRange(long[] command) {
    int bits = (int) CfgiRange.RANGE.get(command) + 1;
    if (bits >= SID_BITS) {
      caches.invalidateConfiguration();
    } else {
      caches.invalidateStreams((int) CfgiRange.SID.get(command), bits);
    }
    return DONE;
  }

  private int cfgiCd(long[] command) {
    caches.invalidateContext((int) Cfgi.SID.get(command), (int) Cfgi.SSID.get(command));
    return DONE;
  }

  private int cfgiCdAll(long[] command) {
    caches.invalidateContexts((int) Cfgi.SID.get(command));
    return DONE;
  }

  // ---- translations ----

  private int tlbiNh(int opcode, long[] command) {
    boolean byAddress = opcode == Command.TLBI_NH_VA || opcode == Command.TLBI_NH_VAA;
    if (byAddress && !range(command, true)) {
      return ILLEGAL;
    }
    int asid = (int) Tlbi.ASID.get(command);
    boolean leaf = Tlbi.LEAF.isSet(command);
    int wildcard = wildcard();
    int vmid = (int) Tlbi.VMID.get(command) & vmidMask & ~wildcard;
    for (int each = vmid; each <= vmid + wildcard; each++) {
      switch (opcode) {
        case Command.TLBI_NH_ALL -> caches.invalidateStage1(each);
        case Command.TLBI_NH_ASID -> caches.invalidateAsid(each, asid);
        case Command.TLBI_NH_VA -> caches.invalidateAddresses(each, asid, first, last, leaf);
        default -> caches.invalidateAddressesOfAll(each, first, last, leaf);
      }
    }
    return DONE;
  }

  /** VMID bits that invalidations ignore: CR0.VMW. */
  private int wildcard() {
    long bits = Cr0.VMW.get(core.registers.peek(RegisterMap.CR0ACK));
    return can.vmidWildcards() && can.stage2() && bits <= 4 ? (1 << bits) - 1 : 0;
  }

  private int tlbiEl2(int opcode, long[] command) {
    boolean byAddress = opcode == Command.TLBI_EL2_VA || opcode == Command.TLBI_EL2_VAA;
    if (byAddress && !range(command, true)) {
      return ILLEGAL;
    }
    int asid = (int) Tlbi.ASID.get(command);
    boolean leaf = Tlbi.LEAF.isSet(command);
    int domain = StreamEntry.EL2_DOMAIN;
    switch (opcode) {
      case Command.TLBI_EL2_ALL -> caches.invalidateEl2();
      case Command.TLBI_EL2_ASID -> caches.invalidateAsid(domain, asid);
      case Command.TLBI_EL2_VA -> caches.invalidateAddresses(domain, asid, first, last, leaf);
      default -> caches.invalidateAddressesOfAll(domain, first, last, leaf);
    }
    return DONE;
  }

  private int tlbiS12(long[] command) {
    int wildcard = wildcard();
    int vmid = (int) Tlbi.VMID.get(command) & ~wildcard;
    for (int each = vmid; each <= vmid + wildcard; each++) {
      caches.invalidateVmid(each);
    }
    return DONE;
  }

  private int tlbiS2Ipa(long[] command) {
    if (!range(command, false)) {
      return ILLEGAL;
    }
    boolean leaf = Tlbi.LEAF.isSet(command);
    int wildcard = wildcard();
    int vmid = (int) Tlbi.VMID.get(command) & ~wildcard;
    for (int each = vmid; each <= vmid + wildcard; each++) {
      caches.invalidateIpas(each, first, last, leaf);
    }
    return DONE;
  }

  private int tlbiNsnhAll() {
    caches.invalidateEl1();
    return DONE;
  }

  /**
   * The addresses that a command names: one, or a range with TG.
   *
   * @param virtual whether bits 63:56 are a tag byte, which translations are cached without
   * @return false if the fields are illegal
   */
  private boolean range(long[] command, boolean virtual) {
    long address = Tlbi.ADDR.inPlace(command);
    first = virtual ? address << TOP_BYTE >> TOP_BYTE : address;
    last = first;
    int tg = (int) Tlbi.TG.get(command);
    if (!can.ranges() || tg == Tlbi.TG_NONE) {
      return true;
    }
    int granule = Tlbi.granuleLg2(tg);
    int ttl = (int) Tlbi.TTL.get(command);
    if (tg == Tlbi.TG_16K && ttl == 1 && !can.ds()) {
      ttl = 0;
    }
    long num = Tlbi.NUM.get(command);
    int scale = (int) Math.min(Tlbi.SCALE.get(command), Tlbi.SCALE_MAX);
    if (!can.ds()) {
      scale &= 0x1F;
    }
    if (num == 0 && scale == 0 && ttl == 0) {
      return false;
    }
    first &= -(1L << granule);
    last = first + ((num + 1) << (scale + granule)) - 1;
    if (Long.compareUnsigned(last, first) < 0) {
      last = -1; // no wrap past the top
    }
    return true;
  }

  // ---- devices ----

  private int atcInv(long[] command) {
    if (!core.latched.enabled()) {
      return DONE;
    }
    int sizeLg2 = PAGE_LG2 + (int) Math.min(AtcInv.SIZE.get(command), AtcInv.SIZE_ALL);
    long base = AtcInv.ADDR.inPlace(command);
    boolean substream = AtcInv.SSV.isSet(command);
    devices.send(
        new AtcInvalidation(
            (int) AtcInv.SID.get(command),
            substream ? (int) AtcInv.SSID.get(command) : DmaRequest.NO_PASID,
            sizeLg2 >= Long.SIZE ? 0 : base & -(1L << sizeLg2),
            sizeLg2,
            substream && AtcInv.GLOBAL.isSet(command)));
    return DONE;
  }

  private int priResp(long[] command) {
    int code = (int) PriResp.RESP.get(command);
    if (code == RESERVED_RESPONSE) {
      return ILLEGAL;
    }
    if (!core.latched.enabled()) {
      return DONE;
    }
    int sid = (int) PriResp.SID.get(command);
    boolean substream = PriResp.SSV.isSet(command);
    PageResponse response =
        new PageResponse(
            sid,
            substream ? (int) PriResp.SSID.get(command) : DmaRequest.NO_PASID,
            (int) PriResp.PRGINDEX.get(command),
            switch (code) {
              case PriResp.SUCCESS -> PageResponse.Code.SUCCESS;
              case PriResp.INVALID -> PageResponse.Code.INVALID_REQUEST;
              default -> PageResponse.Code.RESPONSE_FAILURE;
            });
    core.environment.endpoint(sid).ifPresent(device -> device.pageResponse(response));
    return DONE;
  }

  private int resume(long[] command) {
    core.enter();
    try {
      stalls.resume(
          (int) Resume.SID.get(command),
          (int) Resume.STAG.get(command),
          Resume.AC.isSet(command),
          Resume.AB.isSet(command));
    } finally {
      core.leave();
    }
    return DONE;
  }

  private int stallTerm(long[] command) {
    core.enter();
    try {
      stalls.terminate((int) StallTerm.SID.get(command));
    } finally {
      core.leave();
    }
    return DONE;
  }
}
