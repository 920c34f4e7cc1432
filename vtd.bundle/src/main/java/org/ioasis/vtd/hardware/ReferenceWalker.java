package org.ioasis.vtd.hardware;

import static org.ioasis.vtd.format.FaultReason.*;

import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.vtd.format.AddressBits;
import org.ioasis.vtd.format.ContextEntry;
import org.ioasis.vtd.format.FaultReason;
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
  /** Faults of a page that is not there or not for this request: a completion without rights. */
  private static final Set<FaultReason> PAGE_CONDITIONS =
      EnumSet.of(
          LGN_1, LGN_2, LGN_3, SFS_2, SFS_5, SFS_6, SFS_7, SFS_8, SSS_2, SGN_1, SGN_2, SGN_3, SGN_4,
          SGN_5, SGN_6, SGN_7);

  private final PhysicalMemory memory;
  private final Capabilities capabilities;
  private final StructureChecks checks;

  ReferenceWalker(PhysicalMemory memory, Capabilities capabilities) {
    this.memory = memory;
    this.capabilities = capabilities;
    this.checks = new StructureChecks(capabilities);
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
      case Latched.TTM_LEGACY -> {
        return legacy(request, latched.rootTable(), story);
      }
      case Latched.TTM_SCALABLE -> {
        if (capabilities.scalable()) {
          return scalable(request, latched.rootTable(), story);
        }
      }
      case Latched.TTM_ABORT -> {
        if (capabilities.abortDma()) {
          return story.abort("RTADDR.TTM=3: abort-DMA mode, nothing passes, nothing is recorded");
        }
      }
      default -> {}
    }
    return story.fault(
        RTA_1, "RTADDR.TTM=%d is reserved or not supported".formatted(latched.ttm()));
  }

  private static Answer object(Story story, StructureChecks.Objection objection) {
    return story.fault(objection.reason(), objection.why());
  }

  // ---- legacy mode ----

  private Answer legacy(DmaRequest request, long rootTable, Story story) {
    if (request.hasPasid() && request.addressType() != DmaRequest.AT_TRANSLATED) {
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
    boolean deviceTlb = ContextEntry.TT.get(context) == ContextEntry.TT_ALL;
    if (request.addressType() != DmaRequest.AT_UNTRANSLATED && !deviceTlb) {
      return story.fault(
          LCT_5,
          "TT=%d blocks AT=%d".formatted(ContextEntry.TT.get(context), request.addressType()));
    }
    if (request.addressType() == DmaRequest.AT_TRANSLATED) {
      return translated(request, story, LGN_1, LGN_4);
    }
    Binding binding = checks.binding(request.sourceId(), context);
    story.tag(binding);
    if (request.addressType() == DmaRequest.AT_TRANSLATION_REQUEST) {
      return completion(request, story, binding, false);
    }
    if (!binding.isPassThrough()) {
      return tables(request, story, binding, false);
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
    boolean deviceTlb = ScalableContextEntry.DTE.isSet(context) && capabilities.deviceTlb();
    if (request.addressType() != DmaRequest.AT_UNTRANSLATED && !deviceTlb) {
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
    if (request.addressType() == DmaRequest.AT_TRANSLATED) {
      return translated(request, story, SGN_4, SGN_8);
    }
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
    boolean ridPriv = ScalableContextEntry.RID_PRIV.isSet(context) && capabilities.ridPriv();
    boolean privileged = request.hasPasid() ? request.isPrivileged() : ridPriv;
    return pasidEntry(request, entry, pasid, privileged, story);
  }

  private Answer pasidEntry(
      DmaRequest request, long[] entry, int pasid, boolean privileged, Story story) {
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
    if (privileged && !supervises) {
      return story.fault(SPT_6, "supervisor request with SRE=0 or without ECAP.SRS");
    }
    Binding binding = checks.binding(request.sourceId(), pasid, !request.hasPasid(), entry);
    story.tag(binding);
    if (request.addressType() == DmaRequest.AT_TRANSLATION_REQUEST) {
      return completion(request, story, binding, privileged);
    }
    return binding.isPassThrough()
        ? passThrough(request, story, binding)
        : tables(request, story, binding, privileged);
  }

  private static Answer passThrough(DmaRequest request, Story story, Binding binding) {
    if (isBeyond(request.iova(), binding.width())) {
      return story.fault(SGN_4, "PGTT=4 and address beyond 2^" + binding.width());
    }
    if (AddressBits.isInterrupt(request.iova())) {
      return story.fault(SGN_8, "PGTT=4 and address in FEExxxxx");
    }
    return identity(request, story, "PGTT=4: pass-through, the output is the input");
  }

  // ---- what the entries lead to ----

  private ReferencePage page(ReferenceAsk ask, Story story, Binding binding) {
    return binding.isFirstStage()
        ? new ReferenceFirstStage(capabilities, story, binding).walk(ask)
        : new ReferenceSecondStage(capabilities, story, binding).walk(ask, "");
  }

  /** An untranslated request that goes through tables. */
  private Answer tables(DmaRequest request, Story story, Binding binding, boolean privileged) {
    ReferenceAsk ask = ReferenceAsk.of(request, privileged, capabilities.zeroLengthRead());
    ReferencePage page = page(ask, story, binding);
    if (page.isFault()) {
      return story.fault(page.reason(), page.why());
    }
    if (AddressBits.isInterrupt(page.output())) {
      return interruptRange(story, binding, page.output());
    }
    int rights = page.rights() | (ask.execute() ? Access.EXECUTE : 0);
    return story.ok(
        page.output(),
        page.lg2(),
        rights,
        "the needed rights (%s) are granted at every level, no reserved bit is set"
            .formatted(Names.rights(request.access())));
  }

  private static Answer interruptRange(Story story, Binding binding, long output) {
    return story.fault(
        binding.isLegacy() ? LGN_4 : SGN_8, "leaf output 0x%x in FEExxxxx".formatted(output));
  }

  // ---- device-TLBs ----

  private Answer translated(
      DmaRequest request, Story story, FaultReason beyond, FaultReason interrupt) {
    long address = request.iova();
    if (isBeyond(address, capabilities.haw())) {
      return story.fault(
          beyond, "translated request beyond the host address width, 2^" + capabilities.haw());
    }
    if (AddressBits.isInterrupt(address)) {
      return story.fault(interrupt, "translated request to FEExxxxx");
    }
    return story.ok(
        address,
        AddressBits.PAGE_LG2,
        request.access(),
        "translated request: the address is a host physical one, only its range is checked");
  }

  /** A translation request: the most that the tables grant of what is asked. */
  private Answer completion(DmaRequest request, Story story, Binding binding, boolean privileged) {
    boolean write = request.isWrite() && !(request.isNoWrite() && capabilities.noWriteFlag());
    boolean execute = (request.access() & DmaRequest.EXECUTE) != 0;
    boolean read = (request.access() & DmaRequest.READ) != 0 || execute;
    if (!request.hasPasid() && AddressBits.isInterrupt(request.iova())) {
      return story.ok(
          request.iova(),
          AddressBits.PAGE_LG2,
          (write ? Access.WRITE : 0) | DmaRequest.UNTRANSLATED_ONLY,
          "translation request for FEExxxxx without PASID: untranslated writes only");
    }
    int mode = privileged ? DmaRequest.PRIVILEGED_ONLY : 0;
    ReferenceAsk most = new ReferenceAsk(request.iova(), read, write, execute, privileged);
    if (binding.isPassThrough()) {
      return passThroughCompletion(request, story, binding, most.bits() | mode);
    }
    String none = "nothing is asked for";
    for (ReferenceAsk ask : subsets(most)) {
      ReferencePage page = page(ask, story, binding);
      if (!page.isFault()) {
        if (AddressBits.isInterrupt(page.output())) {
          return interruptRange(story, binding, page.output());
        }
        int snoop = page.snoops() ? 0 : DmaRequest.NON_SNOOPED;
        return story.ok(
            page.output(),
            page.lg2(),
            ask.bits() | mode | snoop,
            "translation request: %s of %s granted"
                .formatted(Names.rights(ask.bits()), Names.rights(most.bits())));
      }
      if (!PAGE_CONDITIONS.contains(page.reason())) {
        return story.fault(page.reason(), page.why());
      }
      none = page.reason().label + ": " + page.why();
    }
    return story.ok(
        0,
        AddressBits.PAGE_LG2,
        0,
        "translation request: success with R=W=0, nothing is recorded; " + none);
  }

  private Answer passThroughCompletion(
      DmaRequest request, Story story, Binding binding, int rights) {
    if (isBeyond(request.iova(), binding.width())) {
      return story.ok(
          0,
          AddressBits.PAGE_LG2,
          0,
          "translation request: success with R=W=0, address beyond 2^" + binding.width());
    }
    if (AddressBits.isInterrupt(request.iova())) {
      return story.fault(SGN_8, "PGTT=4 and address in FEExxxxx");
    }
    return story.ok(
        request.iova(),
        Access.identitySpan(request.iova()),
        rights | DmaRequest.NON_SNOOPED,
        "translation request, pass-through: the output is the input");
  }

  /** What is tried: all, without execute, without write, read alone, write alone. */
  private static List<ReferenceAsk> subsets(ReferenceAsk most) {
    Set<ReferenceAsk> asks = new LinkedHashSet<>();
    asks.add(most.rights(most.read(), most.write(), most.execute()));
    asks.add(most.rights(most.read(), most.write(), false));
    asks.add(most.rights(most.read(), false, most.execute()));
    asks.add(most.rights(most.read(), false, false));
    asks.add(most.rights(false, most.write(), false));
    asks.removeIf(ask -> ask.bits() == 0);
    return List.copyOf(asks);
  }
}
