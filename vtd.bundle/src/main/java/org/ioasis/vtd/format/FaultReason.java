package org.ioasis.vtd.format;

import java.util.Optional;

/**
 * Fault reasons: number, name, meaning, and whether FPD of an entry met before suppresses the
 * record (a <em>qualified</em> fault). VT-d, "Hardware Fault Conditions".
 *
 * <p>The hot paths use the numbers, {@code LGN_2.code}, never the constants' order.
 */
public enum FaultReason {
  // spotless:off
  LRT_2 (0x01, "LRT.2",  false, "the root entry is not present"),
  LCT_2 (0x02, "LCT.2",  true,  "the context entry is not present"),
  LCT_4 (0x03, "LCT.4",  true,  "the context entry is invalid (AW, TT), or its top second-stage table cannot be read"),
  LGN_1 (0x04, "LGN.1",  true,  "the address is beyond the smaller of MGAW and the context entry's AW"),
  LGN_2 (0x05, "LGN.2",  true,  "no write permission in the second-stage tables"),
  LGN_3 (0x06, "LGN.3",  true,  "no read permission in the second-stage tables"),
  LSL_1 (0x07, "LSL.1",  true,  "a lower second-stage table cannot be read"),
  LRT_1 (0x08, "LRT.1",  false, "the root entry cannot be read"),
  LCT_1 (0x09, "LCT.1",  false, "the context entry cannot be read"),
  LRT_3 (0x0A, "LRT.3",  false, "reserved bits are set in the root entry"),
  LCT_3 (0x0B, "LCT.3",  true,  "reserved bits are set in the context entry"),
  LSL_2 (0x0C, "LSL.2",  true,  "reserved bits are set in a second-stage entry"),
  LCT_5 (0x0D, "LCT.5",  true,  "the context entry's TT blocks translation and translated requests"),
  LGN_4 (0x0E, "LGN.4",  true,  "the translated address is in the interrupt range"),

  IR_20 (0x20, "IR 20h", false, "reserved bits are set in the remappable interrupt request"),
  IR_21 (0x21, "IR 21h", false, "the interrupt index is beyond the interrupt remapping table"),
  IR_22 (0x22, "IR 22h", true,  "the interrupt remapping entry is not present"),
  IR_23 (0x23, "IR 23h", false, "the interrupt remapping entry cannot be read"),
  IR_24 (0x24, "IR 24h", true,  "reserved bits or an unsupported mode are set in the interrupt remapping entry"),
  IR_25 (0x25, "IR 25h", false, "the compatibility-format interrupt is blocked"),
  IR_26 (0x26, "IR 26h", true,  "the interrupt's source-id is not the one the entry asks for"),
  IR_27 (0x27, "IR 27h", true,  "the posted interrupt descriptor cannot be accessed"),
  IR_28 (0x28, "IR 28h", true,  "reserved bits are set in the posted interrupt descriptor"),
  IR_29 (0x29, "IR 29h", false, "the access to the interrupt range is no interrupt request"),

  RTA_1 (0x30, "RTA.1",  false, "RTADDR.TTM is reserved or unsupported"),
  RTA_2 (0x31, "RTA.2",  false, "a request with PASID while RTADDR.TTM is legacy"),
  RTA_3 (0x32, "RTA.3",  false, "a page request while RTADDR.TTM is legacy"),
  RTA_4 (0x33, "RTA.4",  false, "exists in the specification, condition not known here"),

  SRT_1 (0x38, "SRT.1",  false, "the scalable root entry cannot be read"),
  SRT_2 (0x39, "SRT.2",  false, "the half of the scalable root entry is not present"),
  SRT_3 (0x3A, "SRT.3",  false, "reserved bits are set in the scalable root entry"),

  SCT_1 (0x40, "SCT.1",  false, "the scalable context entry cannot be read"),
  SCT_2 (0x41, "SCT.2",  true,  "the scalable context entry is not present"),
  SCT_3 (0x42, "SCT.3",  true,  "reserved bits are set in the scalable context entry"),
  SCT_4 (0x43, "SCT.4",  true,  "the scalable context entry is invalid"),
  SCT_5 (0x44, "SCT.5",  true,  "DTE of the scalable context entry blocks translation and translated requests"),
  SCT_6 (0x45, "SCT.6",  true,  "PASIDE of the scalable context entry blocks requests with PASID"),
  SCT_7 (0x46, "SCT.7",  true,  "the PASID is beyond the PASID directory"),
  SCT_8 (0x47, "SCT.8",  true,  "PRE of the scalable context entry blocks page requests"),
  SCT_9 (0x48, "SCT.9",  true,  "RID_PASID is beyond the PASID directory"),

  SPD_1 (0x50, "SPD.1",  false, "the PASID directory entry cannot be read"),
  SPD_2 (0x51, "SPD.2",  true,  "the PASID directory entry is not present"),
  SPD_3 (0x52, "SPD.3",  true,  "reserved bits are set in the PASID directory entry"),

  SPT_1 (0x58, "SPT.1",  false, "the PASID table entry cannot be read"),
  SPT_2 (0x59, "SPT.2",  true,  "the PASID table entry is not present"),
  SPT_3 (0x5A, "SPT.3",  true,  "reserved bits are set in the PASID table entry"),
  SPT_4 (0x5B, "SPT.4",  true,  "the PASID table entry is invalid (PGTT, AW, FSPM)"),
  SPT_5 (0x5C, "SPT.5",  true,  "ERE of the PASID table entry blocks execute requests"),
  SPT_6 (0x5D, "SPT.6",  true,  "SRE of the PASID table entry blocks supervisor requests"),

  SFS_1 (0x70, "SFS.1",  true,  "a lower first-stage table cannot be read"),
  SFS_2 (0x71, "SFS.2",  true,  "a first-stage entry is not present"),
  SFS_3 (0x72, "SFS.3",  true,  "reserved bits are set in a first-stage entry"),
  SFS_4 (0x73, "SFS.4",  true,  "the top first-stage table cannot be read"),
  SFS_5 (0x74, "SFS.5",  true,  "a first-stage table's address is beyond the second stage's limit"),
  SFS_6 (0x75, "SFS.6",  true,  "the second stage gives no read right to the top first-stage table"),
  SFS_7 (0x76, "SFS.7",  true,  "the second stage gives no read right to a lower first-stage table"),
  SFS_8 (0x77, "SFS.8",  true,  "the second stage gives no write right to a first-stage table that needs A or D set"),

  SSS_1 (0x78, "SSS.1",  true,  "a lower second-stage table cannot be read"),
  SSS_2 (0x79, "SSS.2",  true,  "a second-stage entry is not present"),
  SSS_3 (0x7A, "SSS.3",  true,  "reserved bits are set in a second-stage entry"),
  SSS_4 (0x7B, "SSS.4",  true,  "the top second-stage table cannot be read"),
  SSS_5 (0x7C, "SSS.5",  true,  "a second-stage entry needs A or D set and the walk is not coherent"),
  SSS_6 (0x7D, "SSS.6",  true,  "setting A or D in a second-stage entry failed"),

  SGN_1 (0x80, "SGN.1",  true,  "the address is not canonical"),
  SGN_2 (0x81, "SGN.2",  true,  "a user request met a first-stage entry with U/S=0"),
  SGN_3 (0x82, "SGN.3",  true,  "no execute permission"),
  SGN_4 (0x83, "SGN.4",  true,  "the address is beyond what the unit supports"),
  SGN_5 (0x84, "SGN.5",  true,  "the address is beyond the second stage's limit"),
  SGN_6 (0x85, "SGN.6",  true,  "no write permission"),
  SGN_7 (0x86, "SGN.7",  true,  "no read permission"),
  SGN_8 (0x87, "SGN.8",  true,  "the address is in the interrupt range"),
  SGN_9 (0x88, "SGN.9",  true,  "exists in the specification, condition not known here"),
  SGN_10(0x89, "SGN.10", true,  "exists in the specification, condition not known here"),

  SFS_9 (0x90, "SFS.9",  true,  "a first-stage entry needs A or D set and the walk is not coherent"),
  SFS_10(0x91, "SFS.10", true,  "setting A or D in a first-stage entry failed");
  // spotless:on

  private static final FaultReason[] BY_CODE = new FaultReason[256];

  static {
    for (FaultReason reason : values()) {
      BY_CODE[reason.code] = reason;
    }
  }

  /** Number in FRCD.FR. */
  public final int code;

  /** Name in the specification's tables; interrupt remapping reasons have none but their number. */
  public final String label;

  /** Whether FPD suppresses the record. */
  public final boolean qualified;

  /** A clause in plain words. */
  public final String meaning;

  FaultReason(int code, String label, boolean qualified, String meaning) {
    this.code = code;
    this.label = label;
    this.qualified = qualified;
    this.meaning = meaning;
  }

  /** The reason with this number, if there is one. */
  public static Optional<FaultReason> of(int code) {
    return Optional.ofNullable(code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null);
  }

  /** Whether FPD suppresses a record of this number; false for unknown numbers. */
  public static boolean isQualified(int code) {
    FaultReason reason = BY_CODE[code & 0xFF];
    return reason != null && reason.qualified;
  }
}
