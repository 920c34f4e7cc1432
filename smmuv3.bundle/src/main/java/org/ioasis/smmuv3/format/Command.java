package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * What all commands have in common, and their opcodes; 128 bits in two words. "Commands". The
 * fields of each are in {@link Prefetch}, {@link Cfgi}, {@link CfgiRange}, {@link Tlbi}, {@link
 * AtcInv}, {@link PriResp}, {@link Resume}, {@link StallTerm}, {@link Sync}.
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class Command {
  /** Bytes of a command. */
  public static final int BYTES = 16;

  public static final Field OPCODE = bits("Opcode", 7, 0);
  public static final Field SSEC = bit("SSec", 10);

  // spotless:off
  public static final int PREFETCH_CONFIG = 0x01;
  public static final int PREFETCH_ADDR   = 0x02;
  public static final int CFGI_STE        = 0x03;
  public static final int CFGI_STE_RANGE  = 0x04;    // CFGI_ALL with Range 31
  public static final int CFGI_CD         = 0x05;
  public static final int CFGI_CD_ALL     = 0x06;
  public static final int CFGI_VMS_PIDM   = 0x07;
  public static final int TLBI_NH_ALL     = 0x10;
  public static final int TLBI_NH_ASID    = 0x11;
  public static final int TLBI_NH_VA      = 0x12;
  public static final int TLBI_NH_VAA     = 0x13;
  public static final int TLBI_EL3_ALL    = 0x18;    // Secure
  public static final int TLBI_EL3_VA     = 0x1A;    // Secure
  public static final int TLBI_EL2_ALL    = 0x20;
  public static final int TLBI_EL2_ASID   = 0x21;
  public static final int TLBI_EL2_VA     = 0x22;
  public static final int TLBI_EL2_VAA    = 0x23;
  public static final int TLBI_S12_VMALL  = 0x28;
  public static final int TLBI_S2_IPA     = 0x2A;
  public static final int TLBI_NSNH_ALL   = 0x30;
  public static final int ATC_INV         = 0x40;
  public static final int PRI_RESP        = 0x41;
  public static final int RESUME          = 0x44;
  public static final int STALL_TERM      = 0x45;
  public static final int SYNC            = 0x46;
  // spotless:on

  private Command() {}

  /** The opcode of a command. */
  public static int opcode(long lo) {
    return (int) OPCODE.get(lo);
  }

  /** The name of an opcode as the specification prints it; {@code CMD_0x29} for others. */
  public static String name(int opcode) {
    return switch (opcode) {
      case PREFETCH_CONFIG -> "CMD_PREFETCH_CONFIG";
      case PREFETCH_ADDR -> "CMD_PREFETCH_ADDR";
      case CFGI_STE -> "CMD_CFGI_STE";
      case CFGI_STE_RANGE -> "CMD_CFGI_STE_RANGE";
      case CFGI_CD -> "CMD_CFGI_CD";
      case CFGI_CD_ALL -> "CMD_CFGI_CD_ALL";
      case CFGI_VMS_PIDM -> "CMD_CFGI_VMS_PIDM";
      case TLBI_NH_ALL -> "CMD_TLBI_NH_ALL";
      case TLBI_NH_ASID -> "CMD_TLBI_NH_ASID";
      case TLBI_NH_VA -> "CMD_TLBI_NH_VA";
      case TLBI_NH_VAA -> "CMD_TLBI_NH_VAA";
      case TLBI_EL3_ALL -> "CMD_TLBI_EL3_ALL";
      case TLBI_EL3_VA -> "CMD_TLBI_EL3_VA";
      case TLBI_EL2_ALL -> "CMD_TLBI_EL2_ALL";
      case TLBI_EL2_ASID -> "CMD_TLBI_EL2_ASID";
      case TLBI_EL2_VA -> "CMD_TLBI_EL2_VA";
      case TLBI_EL2_VAA -> "CMD_TLBI_EL2_VAA";
      case TLBI_S12_VMALL -> "CMD_TLBI_S12_VMALL";
      case TLBI_S2_IPA -> "CMD_TLBI_S2_IPA";
      case TLBI_NSNH_ALL -> "CMD_TLBI_NSNH_ALL";
      case ATC_INV -> "CMD_ATC_INV";
      case PRI_RESP -> "CMD_PRI_RESP";
      case RESUME -> "CMD_RESUME";
      case STALL_TERM -> "CMD_STALL_TERM";
      case SYNC -> "CMD_SYNC";
      default -> "CMD_0x%02x".formatted(opcode);
    };
  }

  /** The layout of a command with this opcode; null if the opcode is not one of ours. */
  public static Layout layout(int opcode) {
    return switch (opcode) {
      case PREFETCH_CONFIG, PREFETCH_ADDR -> Prefetch.LAYOUT;
      case CFGI_STE, CFGI_CD, CFGI_CD_ALL -> Cfgi.LAYOUT;
      case CFGI_STE_RANGE -> CfgiRange.LAYOUT;
      case TLBI_NH_ALL,
          TLBI_NH_ASID,
          TLBI_NH_VA,
          TLBI_NH_VAA,
          TLBI_EL2_ALL,
          TLBI_EL2_ASID,
          TLBI_EL2_VA,
          TLBI_EL2_VAA,
          TLBI_S12_VMALL,
          TLBI_S2_IPA,
          TLBI_NSNH_ALL ->
          Tlbi.LAYOUT;
      case ATC_INV -> AtcInv.LAYOUT;
      case PRI_RESP -> PriResp.LAYOUT;
      case RESUME -> Resume.LAYOUT;
      case STALL_TERM -> StallTerm.LAYOUT;
      case SYNC -> Sync.LAYOUT;
      default -> null;
    };
  }
}
