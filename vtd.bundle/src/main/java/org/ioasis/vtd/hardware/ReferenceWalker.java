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
 * The slow, readable walk: follows the specification&#39;s steps one by one, notes everything it
 * reads and changes nothing. {@link VtdExplainer} tells its story; {@link Translator} must agree
 * with it, which property tests hold it to, so the two share no code that decides. VT-d, "Legacy
 * Mode Address Translation", "Scalable Mode Address Translation".
 *
 * <p><b>Threading:</b> any thread; each walk has its own {@link Story}.
 */
final class ReferenceWalker {
  private final PhysicalMemory memory;
  private final Capabilities capabilities;
  private final StructureChecks checks;
  private final ReferenceStages stages;

  ReferenceWalker(PhysicalMemory memory, Capabilities capabilities) {
    this.memory = memory;
    this.capabilities = capabilities;
    this.checks = new StructureChecks(capabilities);
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
          return story.abort("RTADDR.TTM=3: abort-DMA mode, nothing passes, nothing is recorded");
        }
        break;
      default:
        break;
    }
    return story.fault(
        RTA_1, "RTADDR.TTM=%d is reserved or not supported".formatted(latched.ttm()));
  }

  private static Answer object(Story story, StructureChecks.Objection objection) {
    return story.fault(objection.reason(), objection.why());
  }

  // ---- legacy mode ----

  private Answer legacy(DmaRequest request, long rootTable, Story story) {
    if (request.hasPasid()) {
      return story.fault(
          RTA_2, "request with PASID 0x%x in legacy mode".formatted(request.pasid()));
    }
    int sid = request.sourceId();
    String bus = "root-entry[%02x]".formatted(sid >>> 8 & 0xFF);
    long[] root = story.read(bus, RootEntry.LAYOUT, RootEntry.address(rootTable, sid));
    if (root == null) {
      return story.fault(LRT_1, "access to the root entry fails");
    }
    StructureChecks.Objection objection = checks.root(root);
    if (objection != null) {
      return object(story, objection);
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
    StructureChecks.Objection objection = checks.context(context);
    if (objection != null) {
      return object(story, objection);
    }
    if (request.addressType() != DmaRequest.AT_UNTRANSLATED) {
      return story.fault(
          LCT_5,
          "TT=%d blocks AT=%d".formatted(ContextEntry.TT.get(context), request.addressType()));
    }
    Binding binding = checks.binding(request.sourceId(), context);
    story.tag(binding);
    if (!binding.isPassThrough()) {
      return stages.secondStage(request, story, binding);
    }
    if (isBeyond(request.iova(), binding.width())) {
      return story.fault(LGN_1, "TT=2 and address beyond 2^" + binding.width());
    }
    return identity(request, story, "TT=2: pass-through, the output is the input");
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
    String bus = "scalable-root-entry[%02x]".formatted(sid >>> 8 & 0xFF);
    long[] root = story.read(bus, ScalableRootEntry.LAYOUT, RootEntry.address(rootTable, sid));
    if (root == null) {
      return story.fault(SRT_1, "access to the root entry fails");
    }
    boolean upper = ScalableRootEntry.isUpper(sid);
    StructureChecks.Objection objection = checks.scalableRoot(root, upper);
    if (objection != null) {
      return object(story, objection);
    }
    long table = (upper ? ScalableRootEntry.UCTP : ScalableRootEntry.LCTP).inPlace(root);
    long[] context =
        story.read(
            "scalable-context-entry[%s]".formatted(Names.bdf(sid)),
            ScalableContextEntry.LAYOUT,
            ScalableContextEntry.address(table, sid));
    if (context == null) {
      return story.fault(SCT_1, "access to the context entry fails");
    }
    return scalableContext(request, context, story);
  }

  private Answer scalableContext(DmaRequest request, long[] context, Story story) {
    story.qualify(ScalableContextEntry.FPD.isSet(context));
    StructureChecks.Objection objection = checks.scalableContext(context);
    if (objection != null) {
      return object(story, objection);
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
      return directory(request, context, request.pasid(), story);
    }
    int ridPasid = checks.ridPasid(context);
    if (ridPasid >= end) {
      return story.fault(SCT_9, "RID_PASID 0x%x >= 2^(PDTS+13)".formatted(ridPasid));
    }
    return directory(request, context, ridPasid, story);
  }

  private Answer directory(DmaRequest request, long[] context, int pasid, Story story) {
    long[] directory =
        story.read(
            "pasid-directory-entry[0x%x]".formatted(pasid >>> 6),
            PasidDirectoryEntry.LAYOUT,
            PasidDirectoryEntry.address(ScalableContextEntry.PASIDDIRPTR.inPlace(context), pasid));
    if (directory == null) {
      return story.fault(SPD_1, "access to the PASID directory entry fails");
    }
    story.qualify(PasidDirectoryEntry.FPD.isSet(directory));
    StructureChecks.Objection objection = checks.directoryEntry(directory[0]);
    if (objection != null) {
      return object(story, objection);
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
    StructureChecks.Objection objection = checks.pasidEntry(entry);
    if (objection != null) {
      return object(story, objection);
    }
    boolean executes = PasidTableEntry.ERE.isSet(entry) && capabilities.executeRequests();
    if ((request.access() & DmaRequest.EXECUTE) != 0 && !executes) {
      return story.fault(SPT_5, "execute request with ERE=0 or without ECAP.ERS");
    }
    boolean supervises = PasidTableEntry.SRE.isSet(entry) && capabilities.supervisorRequests();
    if (request.isPrivileged() && !supervises) {
      return story.fault(SPT_6, "supervisor request with SRE=0 or without ECAP.SRS");
    }
    Binding binding = checks.binding(request.sourceId(), pasid, !request.hasPasid(), entry);
    story.tag(binding);
    if (binding.isFirstStage()) {
      return stages.firstStage(request, story, binding);
    }
    return binding.isPassThrough()
        ? passThrough(request, story)
        : stages.secondStage(request, story, binding);
  }

  private Answer passThrough(DmaRequest request, Story story) {
    if (isBeyond(request.iova(), capabilities.mgaw())) {
      return story.fault(SGN_4, "PGTT=4 and address beyond 2^" + capabilities.mgaw());
    }
    if (AddressBits.isInterrupt(request.iova())) {
      return story.fault(SGN_8, "PGTT=4 and address in FEExxxxx");
    }
    return identity(request, story, "PGTT=4: pass-through, the output is the input");
  }
}
