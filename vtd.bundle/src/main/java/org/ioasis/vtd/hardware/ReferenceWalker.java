package org.ioasis.vtd.hardware;

import static org.ioasis.vtd.format.FaultReason.*;

import org.ioasis.api.inspect.Answer;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.vtd.format.AddressBits;
import org.ioasis.vtd.format.ContextEntry;
import org.ioasis.vtd.format.PasidDirectoryEntry;
import org.ioasis.vtd.format.PasidTableEntry;
import org.ioasis.vtd.format.RootEntry;
import org.ioasis.vtd.format.ScalableContextEntry;
import org.ioasis.vtd.format.ScalableRootEntry;

/**
 * The slow, readable walk: follows the specification's steps one by one, notes everything it reads
 * and changes nothing. {@link VtdExplainer} tells its story; {@link Translator} must agree with it,
 * which property tests hold it to, so the two share no code that decides. VT-d, "Legacy Mode
 * Address Translation", "Scalable Mode Address Translation".
 *
 * <p><b>Threading:</b> any thread; each walk has its own {@link Story}.
 */
final class ReferenceWalker {
  private final PhysicalMemory memory;
  private final Capabilities capabilities;
  private final ReferenceStages stages;

  ReferenceWalker(PhysicalMemory memory, Capabilities capabilities) {
    this.memory = memory;
    this.capabilities = capabilities;
    this.stages = new ReferenceStages(capabilities);
  }

  /** A story to hand to {@link #walk}. */
  Story story() {
    return new Story(memory);
  }

  /**
   * Walks one request that is neither an interrupt nor made while translation is off.
   *
   * @param story takes what was read and decided
   */
  Answer walk(DmaRequest request, Latched latched, Story story) {
    switch (latched.ttm()) {
      case Latched.TTM_LEGACY:
        return legacy(request, latched.rootTable(), story);
      case Latched.TTM_SCALABLE:
        if (capabilities.scalable()) {
          return scalable(request, latched.rootTable(), story);
        }
        break;
      case Latched.TTM_ABORT:
        if (capabilities.abortDma()) {
          return story.abort("RTADDR.TTM=11: abort-DMA mode, nothing passes, nothing is recorded");
        }
        break;
      default:
        break;
    }
    return story.fault(
        RTA_1, "RTADDR.TTM=%d is reserved or not supported".formatted(latched.ttm()));
  }

  // ---- legacy mode ----

  private Answer legacy(DmaRequest request, long rootTable, Story story) {
    if (request.hasPasid()) {
      return story.fault(
          RTA_2, "request with PASID 0x%x in legacy mode".formatted(request.pasid()));
    }
    int sid = request.sourceId();
    long[] root =
        story.read(
            "root-entry[%02x]".formatted(sid >>> 8 & 0xFF),
            RootEntry.LAYOUT,
            RootEntry.address(rootTable, sid));
    if (root == null) {
      return story.fault(LRT_1, "access to the root entry fails");
    }
    if (!RootEntry.P.isSet(root)) {
      return story.fault(LRT_2, "P=0 in the root entry");
    }
    long beyond = AddressBits.beyondPointer(capabilities.haw());
    if ((root[0] & (RootEntry.RESERVED_LO | beyond)) != 0 || root[1] != 0) {
      return story.fault(LRT_3, "reserved bits in the root entry");
    }
    long[] context =
        story.read(
            "context-entry[%s]".formatted(Names.bdf(sid)),
            ContextEntry.LAYOUT,
            ContextEntry.address(RootEntry.CTP.inPlace(root), sid));
    if (context == null) {
      return story.fault(LCT_1, "access to the context entry fails");
    }
    return legacyContext(request, context, story);
  }

  private Answer legacyContext(DmaRequest request, long[] context, Story story) {
    story.qualify(ContextEntry.FPD.isSet(context));
    if (!ContextEntry.P.isSet(context)) {
      return story.fault(LCT_2, "P=0 in the context entry");
    }
    long beyond = AddressBits.beyondPointer(capabilities.haw());
    long didBeyond = ContextEntry.DID.mask() & -(1L << 8 + capabilities.domainIdBits());
    if ((context[0] & (ContextEntry.RESERVED_LO | beyond)) != 0
        || (context[1] & (ContextEntry.RESERVED_HI | didBeyond)) != 0) {
      return story.fault(LCT_3, "reserved bits in the context entry");
    }
    int aw = (int) ContextEntry.AW.get(context);
    if (!isModelled(aw)) {
      return story.fault(LCT_4, "AW=%d is not in CAP.SAGAW".formatted(aw));
    }
    int tt = (int) ContextEntry.TT.get(context);
    boolean supported =
        tt == ContextEntry.TT_UNTRANSLATED
            || tt == ContextEntry.TT_ALL && capabilities.deviceTlb()
            || tt == ContextEntry.TT_PASS_THROUGH && capabilities.passThrough();
    if (!supported) {
      return story.fault(LCT_4, "TT=%d is reserved or not supported".formatted(tt));
    }
    if (request.addressType() != DmaRequest.AT_UNTRANSLATED) {
      return story.fault(LCT_5, "TT=%d blocks AT=%d".formatted(tt, request.addressType()));
    }
    int width = Math.min(capabilities.mgaw(), AddressBits.inputWidth(aw));
    int domain = (int) ContextEntry.DID.get(context);
    if (tt == ContextEntry.TT_PASS_THROUGH) {
      story.tag(domain, -1, PasidTableEntry.PGTT_PASS_THROUGH);
      if (isBeyond(request.iova(), width)) {
        return story.fault(LGN_1, "TT=2 and address beyond 2^" + width);
      }
      return identity(request, story, "TT=2: pass-through, the output is the input");
    }
    story.tag(domain, -1, PasidTableEntry.PGTT_SECOND_STAGE);
    return stages.secondStage(
        request,
        story,
        new ReferenceStages.SecondStage(
            ContextEntry.SSPTPTR.inPlace(context), AddressBits.levels(aw), width, false));
  }

  /** Whether the unit supports an address-width code and the model walks such tables. */
  private boolean isModelled(int aw) {
    return aw >= 1 && aw <= 3 && capabilities.supportsAw(aw);
  }

  private static boolean isBeyond(long address, int width) {
    return width < 64 && address >>> width != 0;
  }

  private static Answer identity(DmaRequest request, Story story, String why) {
    long address = request.iova();
    return story.ok(address, Access.identitySpan(address), Access.READ | Access.WRITE, why);
  }

  // ---- scalable mode ----

  private Answer scalable(DmaRequest request, long rootTable, Story story) {
    int sid = request.sourceId();
    long[] entry =
        story.read(
            "scalable-root-entry[%02x]".formatted(sid >>> 8 & 0xFF),
            ScalableRootEntry.LAYOUT,
            rootTable + (sid >>> 8 & 0xFF) * 16L);
    if (entry == null) {
      return story.fault(SRT_1, "access to the root entry fails");
    }
    boolean upper = ScalableRootEntry.isUpper(sid);
    long half = entry[upper ? 1 : 0];
    if (!ScalableRootEntry.LP.isSet(half)) {
      return story.fault(SRT_2, "%s=0 in the root entry".formatted(upper ? "UP" : "LP"));
    }
    long beyond = AddressBits.beyondPointer(capabilities.haw());
    if ((half & (ScalableRootEntry.RESERVED | beyond)) != 0) {
      return story.fault(SRT_3, "reserved bits in the root entry");
    }
    long[] context =
        story.read(
            "scalable-context-entry[%s]".formatted(Names.bdf(sid)),
            ScalableContextEntry.LAYOUT,
            ScalableContextEntry.address(ScalableRootEntry.LCTP.inPlace(half), sid));
    if (context == null) {
      return story.fault(SCT_1, "access to the context entry fails");
    }
    return scalableContext(request, context, story);
  }

  private Answer scalableContext(DmaRequest request, long[] context, Story story) {
    story.qualify(ScalableContextEntry.FPD.isSet(context));
    if (!ScalableContextEntry.P.isSet(context)) {
      return story.fault(SCT_2, "P=0 in the context entry");
    }
    long beyond = AddressBits.beyondPointer(capabilities.haw());
    if ((context[0] & (ScalableContextEntry.RESERVED_0 | beyond)) != 0
        || (context[1] & ScalableContextEntry.RESERVED_1) != 0
        || (context[2] | context[3]) != 0) {
      return story.fault(SCT_3, "reserved bits in the context entry");
    }
    if (request.addressType() != DmaRequest.AT_UNTRANSLATED) {
      return story.fault(SCT_5, "AT=%d needs DTE and ECAP.DT".formatted(request.addressType()));
    }
    int end = ScalableContextEntry.pasidEnd(context[0]);
    if (request.hasPasid()) {
      if (!ScalableContextEntry.PASIDE.isSet(context) || !capabilities.pasid()) {
        return story.fault(SCT_6, "a PASID needs PASIDE=1 and ECAP.PASID");
      }
      if (request.pasid() >= end) {
        return story.fault(SCT_7, "PASID 0x%x >= 2^(PDTS+13)".formatted(request.pasid()));
      }
      return pasid(request, context, request.pasid(), story);
    }
    int ridPasid = capabilities.ridPasid() ? (int) ScalableContextEntry.RID_PASID.get(context) : 0;
    if (ridPasid >= end) {
      return story.fault(SCT_9, "RID_PASID 0x%x >= 2^(PDTS+13)".formatted(ridPasid));
    }
    return pasid(request, context, ridPasid, story);
  }

  private Answer pasid(DmaRequest request, long[] context, int pasid, Story story) {
    long[] directory =
        story.read(
            "pasid-directory-entry[0x%x]".formatted(pasid >>> 6),
            PasidDirectoryEntry.LAYOUT,
            PasidDirectoryEntry.address(ScalableContextEntry.PASIDDIRPTR.inPlace(context), pasid));
    if (directory == null) {
      return story.fault(SPD_1, "access to the PASID directory entry fails");
    }
    story.qualify(PasidDirectoryEntry.FPD.isSet(directory));
    if (!PasidDirectoryEntry.P.isSet(directory)) {
      return story.fault(SPD_2, "P=0 in the PASID directory entry");
    }
    long beyond = AddressBits.beyondPointer(capabilities.haw());
    if ((directory[0] & (PasidDirectoryEntry.RESERVED | beyond)) != 0) {
      return story.fault(SPD_3, "reserved bits in the PASID directory entry");
    }
    long[] entry =
        story.read(
            "pasid-table-entry[0x%x]".formatted(pasid),
            PasidTableEntry.LAYOUT,
            PasidTableEntry.address(PasidDirectoryEntry.SMPTBLPTR.inPlace(directory), pasid));
    if (entry == null) {
      return story.fault(SPT_1, "access to the PASID table entry fails");
    }
    return pasidEntry(request, entry, pasid, story);
  }

  private Answer pasidEntry(DmaRequest request, long[] entry, int pasid, Story story) {
    story.qualify(PasidTableEntry.FPD.isSet(entry));
    if (!PasidTableEntry.P.isSet(entry)) {
      return story.fault(SPT_2, "P=0 in the PASID table entry");
    }
    int type = (int) PasidTableEntry.PGTT.get(entry);
    if (hasReserved(entry, type)) {
      return story.fault(SPT_3, "reserved bits in the PASID table entry");
    }
    String invalid = invalid(entry, type);
    if (invalid != null) {
      return story.fault(SPT_4, invalid);
    }
    if ((request.access() & DmaRequest.EXECUTE) != 0 && !mayExecute(entry)) {
      return story.fault(SPT_5, "execute request with ERE=0 or without ECAP.ERS");
    }
    if (request.isPrivileged() && !maySupervise(entry)) {
      return story.fault(SPT_6, "supervisor request with SRE=0 or without ECAP.SRS");
    }
    int domain = (int) PasidTableEntry.DID.get(entry);
    story.tag(domain, pasid, type);
    return stage(request, entry, type, story);
  }

  private boolean hasReserved(long[] entry, int type) {
    long beyond = AddressBits.beyondPointer(capabilities.haw());
    long mask0 =
        PasidTableEntry.RESERVED_0 | (type == PasidTableEntry.PGTT_SECOND_STAGE ? beyond : 0);
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
    switch (type) {
      case PasidTableEntry.PGTT_FIRST_STAGE:
        int mode = (int) PasidTableEntry.FSPM.get(entry);
        boolean supported =
            mode == PasidTableEntry.FSPM_4_LEVEL
                || mode == PasidTableEntry.FSPM_5_LEVEL && capabilities.firstStage5Level();
        if (!supported) {
          return "FSPM=%d is reserved or not supported".formatted(mode);
        }
        return capabilities.firstStage() ? null : "PGTT=1 needs ECAP.FSTS";
      case PasidTableEntry.PGTT_SECOND_STAGE:
        int aw = (int) PasidTableEntry.AW.get(entry);
        if (!isModelled(aw)) {
          return "AW=%d is not in CAP.SAGAW".formatted(aw);
        }
        return capabilities.secondStage() ? null : "PGTT=2 needs ECAP.SSTS";
      case PasidTableEntry.PGTT_PASS_THROUGH:
        return capabilities.passThrough() ? null : "PGTT=4 needs ECAP.PT";
      default:
        return "PGTT=%d is reserved or not supported".formatted(type);
    }
  }

  private boolean mayExecute(long[] entry) {
    return PasidTableEntry.ERE.isSet(entry) && capabilities.executeRequests();
  }

  private boolean maySupervise(long[] entry) {
    return PasidTableEntry.SRE.isSet(entry) && capabilities.supervisorRequests();
  }

  private Answer stage(DmaRequest request, long[] entry, int type, Story story) {
    if (type == PasidTableEntry.PGTT_FIRST_STAGE) {
      int levels = PasidTableEntry.FSPM.get(entry) == PasidTableEntry.FSPM_5_LEVEL ? 5 : 4;
      return stages.firstStage(request, story, PasidTableEntry.FSPTPTR.inPlace(entry), levels);
    }
    if (type == PasidTableEntry.PGTT_SECOND_STAGE) {
      int aw = (int) PasidTableEntry.AW.get(entry);
      int width = Math.min(capabilities.mgaw(), AddressBits.inputWidth(aw));
      return stages.secondStage(
          request,
          story,
          new ReferenceStages.SecondStage(
              PasidTableEntry.SSPTPTR.inPlace(entry), AddressBits.levels(aw), width, true));
    }
    if (isBeyond(request.iova(), capabilities.mgaw())) {
      return story.fault(SGN_4, "PGTT=4 and address beyond 2^" + capabilities.mgaw());
    }
    if (AddressBits.isInterrupt(request.iova())) {
      return story.fault(SGN_8, "PGTT=4 and address in FEExxxxx");
    }
    return identity(request, story, "PGTT=4: pass-through, the output is the input");
  }
}
