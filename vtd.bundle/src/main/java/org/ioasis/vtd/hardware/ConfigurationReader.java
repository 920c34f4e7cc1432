package org.ioasis.vtd.hardware;

import static org.ioasis.vtd.format.FaultReason.*;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.cache.TaggedCache;
import org.ioasis.vtd.format.AddressBits;
import org.ioasis.vtd.format.ContextEntry;
import org.ioasis.vtd.format.FaultReason;
import org.ioasis.vtd.format.PasidDirectoryEntry;
import org.ioasis.vtd.format.PasidTableEntry;
import org.ioasis.vtd.format.RootEntry;
import org.ioasis.vtd.format.ScalableContextEntry;
import org.ioasis.vtd.format.ScalableRootEntry;

/**
 * Reads root, context and PASID structures for {@link Translator} when its caches do not have them,
 * each entry once, quadword 0 first: software sets P last. VT-d, "Legacy Mode Address Translation",
 * "Scalable Mode Address Translation".
 *
 * <p>A fault is put into the request, with {@link Access#SUPPRESSED} where FPD says so, and the
 * answer is null.
 *
 * <p><b>Threading:</b> any thread; immutable.
 */
final class ConfigurationReader {
  private final PhysicalMemory memory;
  private final Capabilities capabilities;
  private final long beyond;
  private final long contextReservedHi;
  private final WalkFactory walks;

  ConfigurationReader(PhysicalMemory memory, Capabilities capabilities, TaggedCache walkCache) {
    this.memory = memory;
    this.capabilities = capabilities;
    this.beyond = AddressBits.beyondPointer(capabilities.haw());
    long didBeyond =
        ContextEntry.DID.mask() & -(ContextEntry.DID.of(1) << capabilities.domainIdBits());
    this.contextReservedHi = ContextEntry.RESERVED_HI | didBeyond;
    this.walks = new WalkFactory(memory, capabilities, walkCache);
  }

  private static void refuse(DmaRequest request, FaultReason reason, boolean quiet) {
    request.refused(reason.code | (quiet && reason.qualified ? Access.SUPPRESSED : 0));
  }

  private boolean isUnreadable(long address, int bytes) {
    return memory.status(address, bytes) != MemoryStatus.OK;
  }

  /** The decoded legacy context-entry of the request&#39;s source id, or null after a fault. */
  Context legacyContext(DmaRequest request, long rootTable) {
    int sid = request.sourceId();
    long at = RootEntry.address(rootTable, sid);
    if (isUnreadable(at, RootEntry.BYTES)) {
      refuse(request, LRT_1, false);
      return null;
    }
    long lo = memory.load64(at);
    long hi = memory.load64(at + 8);
    if (!RootEntry.P.isSet(lo)) {
      refuse(request, LRT_2, false);
      return null;
    }
    if ((lo & (RootEntry.RESERVED_LO | beyond)) != 0 || (hi & RootEntry.RESERVED_HI) != 0) {
      refuse(request, LRT_3, false);
      return null;
    }
    at = ContextEntry.address(RootEntry.CTP.inPlace(lo), sid);
    if (isUnreadable(at, ContextEntry.BYTES)) {
      refuse(request, LCT_1, false);
      return null;
    }
    return legacyContext(request, memory.load64(at), memory.load64(at + 8));
  }

  private Context legacyContext(DmaRequest request, long lo, long hi) {
    boolean quiet = ContextEntry.FPD.isSet(lo);
    if (!ContextEntry.P.isSet(lo)) {
      refuse(request, LCT_2, quiet);
      return null;
    }
    if ((lo & (ContextEntry.RESERVED_LO | beyond)) != 0 || (hi & contextReservedHi) != 0) {
      refuse(request, LCT_3, quiet);
      return null;
    }
    int aw = (int) ContextEntry.AW.get(hi);
    int tt = (int) ContextEntry.TT.get(lo);
    StageWalk walk = walks.legacy(aw);
    boolean passes = tt == ContextEntry.TT_PASS_THROUGH && capabilities.passThrough();
    boolean walks =
        tt == ContextEntry.TT_UNTRANSLATED
            || (tt == ContextEntry.TT_ALL && capabilities.deviceTlb());
    if (walk == null || (!passes && !walks)) {
      refuse(request, LCT_4, quiet);
      return null;
    }
    int limit = passes ? capabilities.identityWidth() : capabilities.mgaw();
    int width = Math.min(limit, AddressBits.inputWidth(aw));
    Target.Tables tables =
        new Target.Tables(
            passes ? null : walk, ContextEntry.SSPTPTR.inPlace(lo), width, false, true, true);
    int domain = (int) ContextEntry.DID.get(hi);
    long key = Context.key(request.sourceId(), Latched.TTM_LEGACY);
    Target target = new Target(key, domain, -1, tables, quiet, lo, hi);
    return new Context(key, target, tt == ContextEntry.TT_ALL);
  }

  /** The decoded scalable context-entry of the request&#39;s source id, or null after a fault. */
  Context scalableContext(DmaRequest request, long rootTable) {
    int sid = request.sourceId();
    long at = ScalableRootEntry.halfAddress(rootTable, sid);
    if (isUnreadable(at & -ScalableRootEntry.BYTES, ScalableRootEntry.BYTES)) {
      refuse(request, SRT_1, false);
      return null;
    }
    long half = memory.load64(at);
    if (!ScalableRootEntry.LP.isSet(half)) {
      refuse(request, SRT_2, false);
      return null;
    }
    if ((half & (ScalableRootEntry.RESERVED | beyond)) != 0) {
      refuse(request, SRT_3, false);
      return null;
    }
    at = ScalableContextEntry.address(ScalableRootEntry.LCTP.inPlace(half), sid);
    if (isUnreadable(at, ScalableContextEntry.BYTES)) {
      refuse(request, SCT_1, false);
      return null;
    }
    long word0 = memory.load64(at);
    long word1 = memory.load64(at + 8);
    boolean quiet = ScalableContextEntry.FPD.isSet(word0);
    if (!ScalableContextEntry.P.isSet(word0)) {
      refuse(request, SCT_2, quiet);
      return null;
    }
    if ((word0 & (ScalableContextEntry.RESERVED_0 | beyond)) != 0
        || (word1 & ScalableContextEntry.RESERVED_1) != 0
        || (memory.load64(at + 16) | memory.load64(at + 24)) != 0) {
      refuse(request, SCT_3, quiet);
      return null;
    }
    boolean requestsWithoutTlb =
        capabilities.pageRequests()
            && ScalableContextEntry.PRE.isSet(word0)
            && !ScalableContextEntry.DTE.isSet(word0);
    if (requestsWithoutTlb) {
      refuse(request, SCT_4, quiet);
      return null;
    }
    return new Context(Context.key(sid, Latched.TTM_SCALABLE), word0, word1, capabilities);
  }

  /** The decoded PASID table entry, or null after a fault. */
  Target target(DmaRequest request, Context context, int pasid) {
    boolean quiet = context.faultProcessingDisabled;
    long at = PasidDirectoryEntry.address(context.directory, pasid);
    if (isUnreadable(at, PasidDirectoryEntry.BYTES)) {
      refuse(request, SPD_1, false);
      return null;
    }
    long directory = memory.load64(at);
    quiet |= PasidDirectoryEntry.FPD.isSet(directory);
    if (!PasidDirectoryEntry.P.isSet(directory)) {
      refuse(request, SPD_2, quiet);
      return null;
    }
    if ((directory & (PasidDirectoryEntry.RESERVED | beyond)) != 0) {
      refuse(request, SPD_3, quiet);
      return null;
    }
    at = PasidTableEntry.address(PasidDirectoryEntry.SMPTBLPTR.inPlace(directory), pasid);
    if (isUnreadable(at, PasidTableEntry.BYTES)) {
      refuse(request, SPT_1, false);
      return null;
    }
    long word0 = memory.load64(at);
    quiet |= PasidTableEntry.FPD.isSet(word0);
    if (!PasidTableEntry.P.isSet(word0)) {
      refuse(request, SPT_2, quiet);
      return null;
    }
    return target(request, pasid, at, quiet);
  }

  private Target target(DmaRequest request, int pasid, long at, boolean quiet) {
    long word0 = memory.load64(at);
    long word1 = memory.load64(at + 8);
    long word2 = memory.load64(at + 16);
    int type = (int) PasidTableEntry.PGTT.get(word0);
    boolean nested = type == PasidTableEntry.PGTT_NESTED;
    boolean first = type == PasidTableEntry.PGTT_FIRST_STAGE;
    boolean second = type == PasidTableEntry.PGTT_SECOND_STAGE || nested;
    long reserved =
        (word0 & (PasidTableEntry.RESERVED_0 | (second ? beyond : 0)))
            | (word1 & PasidTableEntry.RESERVED_1)
            | (word2 & (PasidTableEntry.RESERVED_2 | (first ? beyond : 0)));
    for (int word = 3; word < PasidTableEntry.WORDS; word++) {
      reserved |= memory.load64(at + word * 8L);
    }
    if (reserved != 0) {
      refuse(request, SPT_3, quiet);
      return null;
    }
    Target.Tables tables = walks.scalable(word0, word1, word2);
    if (tables == null) {
      refuse(request, SPT_4, quiet);
      return null;
    }
    int domain = (int) PasidTableEntry.DID.get(word1);
    long key = Target.pasidKey(request.sourceId(), pasid);
    return new Target(key, domain, pasid, tables, quiet, word0, word1, word2);
  }
}
