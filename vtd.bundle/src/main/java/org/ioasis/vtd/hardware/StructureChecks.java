package org.ioasis.vtd.hardware;

import static org.ioasis.vtd.format.FaultReason.*;

import org.ioasis.vtd.format.AddressBits;
import org.ioasis.vtd.format.ContextEntry;
import org.ioasis.vtd.format.FaultReason;
import org.ioasis.vtd.format.PasidDirectoryEntry;
import org.ioasis.vtd.format.PasidTableEntry;
import org.ioasis.vtd.format.RootEntry;
import org.ioasis.vtd.format.ScalableContextEntry;
import org.ioasis.vtd.format.ScalableRootEntry;

/**
 * Whether a root, context or PASID structure is present and well formed, whoever asks: {@link
 * ReferenceWalker} and {@link StructureScan}. Each check answers null or an {@link Objection}.
 */
final class StructureChecks {
  private final Capabilities capabilities;
  private final long beyond;

  StructureChecks(Capabilities capabilities) {
    this.capabilities = capabilities;
    this.beyond = AddressBits.beyondPointer(capabilities.haw());
  }

  /**
   * What is wrong.
   *
   * @param reason the fault it gives
   * @param why the check in words
   */
  record Objection(FaultReason reason, String why) {}

  Objection root(long[] root) {
    if (!RootEntry.P.isSet(root)) {
      return new Objection(LRT_2, "P=0 in the root entry");
    }
    if ((root[0] & (RootEntry.RESERVED_LO | beyond)) != 0 || root[1] != 0) {
      return new Objection(LRT_3, "reserved bits in the root entry");
    }
    return null;
  }

  Objection scalableRoot(long[] root, boolean upper) {
    long half = root[upper ? 1 : 0];
    if (!ScalableRootEntry.LP.isSet(half)) {
      return new Objection(SRT_2, "%s=0 in the root entry".formatted(upper ? "UP" : "LP"));
    }
    if ((half & (ScalableRootEntry.RESERVED | beyond)) != 0) {
      return new Objection(SRT_3, "reserved bits in the root entry");
    }
    return null;
  }

  Objection context(long[] context) {
    if (!ContextEntry.P.isSet(context)) {
      return new Objection(LCT_2, "P=0 in the context entry");
    }
    long didBeyond = ContextEntry.DID.mask() & -(1L << (8 + capabilities.domainIdBits()));
    if ((context[0] & (ContextEntry.RESERVED_LO | beyond)) != 0
        || (context[1] & (ContextEntry.RESERVED_HI | didBeyond)) != 0) {
      return new Objection(LCT_3, "reserved bits in the context entry");
    }
    int aw = (int) ContextEntry.AW.get(context);
    if (!walks(aw)) {
      return new Objection(LCT_4, "AW=%d is not in CAP.SAGAW".formatted(aw));
    }
    int tt = (int) ContextEntry.TT.get(context);
    boolean supported =
        tt == ContextEntry.TT_UNTRANSLATED
            || (tt == ContextEntry.TT_ALL && capabilities.deviceTlb())
            || (tt == ContextEntry.TT_PASS_THROUGH && capabilities.passThrough());
    return supported
        ? null
        : new Objection(LCT_4, "TT=%d is reserved or not supported".formatted(tt));
  }

  /** Whether the unit supports an address-width code and the model walks such tables. */
  private boolean walks(int aw) {
    return aw >= 1 && aw <= 3 && capabilities.supportsAw(aw);
  }

  Objection scalableContext(long[] context) {
    if (!ScalableContextEntry.P.isSet(context)) {
      return new Objection(SCT_2, "P=0 in the context entry");
    }
    if ((context[0] & (ScalableContextEntry.RESERVED_0 | beyond)) != 0
        || (context[1] & ScalableContextEntry.RESERVED_1) != 0
        || (context[2] | context[3]) != 0) {
      return new Objection(SCT_3, "reserved bits in the context entry");
    }
    if (capabilities.pageRequests()
        && ScalableContextEntry.PRE.isSet(context)
        && !ScalableContextEntry.DTE.isSet(context)) {
      return new Objection(SCT_4, "PRE=1 with DTE=0 in the context entry");
    }
    return null;
  }

  Objection directoryEntry(long entry) {
    if (!PasidDirectoryEntry.P.isSet(entry)) {
      return new Objection(SPD_2, "P=0 in the PASID directory entry");
    }
    if ((entry & (PasidDirectoryEntry.RESERVED | beyond)) != 0) {
      return new Objection(SPD_3, "reserved bits in the PASID directory entry");
    }
    return null;
  }

  Objection pasidEntry(long[] entry) {
    if (!PasidTableEntry.P.isSet(entry)) {
      return new Objection(SPT_2, "P=0 in the PASID table entry");
    }
    int type = (int) PasidTableEntry.PGTT.get(entry);
    if (hasReserved(entry, type)) {
      return new Objection(SPT_3, "reserved bits in the PASID table entry");
    }
    String invalid = invalid(entry, type);
    return invalid == null ? null : new Objection(SPT_4, invalid);
  }

  private boolean hasReserved(long[] entry, int type) {
    boolean second =
        type == PasidTableEntry.PGTT_SECOND_STAGE || type == PasidTableEntry.PGTT_NESTED;
    long mask0 = PasidTableEntry.RESERVED_0 | (second ? beyond : 0);
    long mask2 =
        PasidTableEntry.RESERVED_2 | (type == PasidTableEntry.PGTT_FIRST_STAGE ? beyond : 0);
    long rest = entry[3] | entry[4] | entry[5] | entry[6] | entry[7];
    return (entry[0] & mask0) != 0
        || (entry[1] & PasidTableEntry.RESERVED_1) != 0
        || (entry[2] & mask2) != 0
        || rest != 0;
  }

  /** Why the entry's type or widths are not supported; null if they are. */
  private String invalid(long[] entry, int type) {
    return switch (type) {
      case PasidTableEntry.PGTT_FIRST_STAGE ->
          firstStage(entry, capabilities.firstStage() ? null : "PGTT=1 needs ECAP.FSTS");
      case PasidTableEntry.PGTT_SECOND_STAGE ->
          secondStage(entry, capabilities.secondStage() ? null : "PGTT=2 needs ECAP.SSTS");
      case PasidTableEntry.PGTT_NESTED ->
          firstStage(
              entry,
              secondStage(
                  entry, capabilities.nested() ? null : "PGTT=3 needs ECAP.NEST, FSTS and SSTS"));
      case PasidTableEntry.PGTT_PASS_THROUGH ->
          capabilities.passThrough() ? null : "PGTT=4 needs ECAP.PT";
      default -> "PGTT=%d is reserved or not supported".formatted(type);
    };
  }

  private String firstStage(long[] entry, String otherwise) {
    int mode = (int) PasidTableEntry.FSPM.get(entry);
    boolean supported =
        mode == PasidTableEntry.FSPM_4_LEVEL
            || (mode == PasidTableEntry.FSPM_5_LEVEL && capabilities.firstStage5Level());
    return supported ? otherwise : "FSPM=%d is reserved or not supported".formatted(mode);
  }

  private String secondStage(long[] entry, String otherwise) {
    int aw = (int) PasidTableEntry.AW.get(entry);
    return walks(aw) ? otherwise : "AW=%d is not in CAP.SAGAW".formatted(aw);
  }

  /** What a well-formed legacy context entry selects. */
  Binding binding(int sid, long[] context) {
    int aw = (int) ContextEntry.AW.get(context);
    boolean passes = ContextEntry.TT.get(context) == ContextEntry.TT_PASS_THROUGH;
    int limit = passes ? capabilities.identityWidth() : capabilities.mgaw();
    return new Binding(
        sid,
        -1,
        true,
        passes ? PasidTableEntry.PGTT_PASS_THROUGH : PasidTableEntry.PGTT_SECOND_STAGE,
        (int) ContextEntry.DID.get(context),
        passes ? 0 : ContextEntry.SSPTPTR.inPlace(context),
        passes ? 0 : AddressBits.levels(aw),
        Math.min(limit, AddressBits.inputWidth(aw)),
        0,
        0,
        0,
        0);
  }

  /** What a well-formed PASID entry selects. */
  Binding binding(int sid, int pasid, boolean requesters, long[] entry) {
    int type = (int) PasidTableEntry.PGTT.get(entry);
    int domain = (int) PasidTableEntry.DID.get(entry);
    int aw = (int) PasidTableEntry.AW.get(entry);
    int second = Math.min(capabilities.mgaw(), AddressBits.inputWidth(aw));
    long root = 0;
    int levels = 0;
    int width = capabilities.identityWidth();
    if (type == PasidTableEntry.PGTT_FIRST_STAGE || type == PasidTableEntry.PGTT_NESTED) {
      levels = PasidTableEntry.FSPM.get(entry) == PasidTableEntry.FSPM_5_LEVEL ? 5 : 4;
      root = PasidTableEntry.FSPTPTR.inPlace(entry);
      width = AddressBits.spanLg2(levels + 1);
    } else if (type == PasidTableEntry.PGTT_SECOND_STAGE) {
      levels = AddressBits.levels(aw);
      root = PasidTableEntry.SSPTPTR.inPlace(entry);
      width = second;
    }
    return new Binding(
        sid,
        pasid,
        requesters,
        type,
        domain,
        root,
        levels,
        width,
        second,
        entry[0],
        entry[1],
        entry[2]);
  }

  /** The PASID of requests without PASID, from a context entry. */
  int ridPasid(long[] context) {
    return capabilities.ridPasid() ? (int) ScalableContextEntry.RID_PASID.get(context) : 0;
  }
}
