package org.ioasis.smmuv3.hardware;

import static org.ioasis.smmuv3.format.EventType.*;

import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.cache.CacheWord;
import org.ioasis.smmuv3.format.Cd;
import org.ioasis.smmuv3.format.L1Cd;
import org.ioasis.smmuv3.format.L1Std;
import org.ioasis.smmuv3.format.Ste;

/**
 * Reads STEs and CDs from memory when the caches have none. "Stream table lookup", "Context
 * descriptor lookup". Allocates the entry it makes.
 *
 * <p><b>Threading:</b> any thread; immutable.
 */
final class ConfigurationReader {
  private static final int WORDS = Ste.BYTES / Long.BYTES;
  private static final int ENTRY_LG2 = 6, LEVEL_1_LG2 = 3;

  /** SubstreamID bits of a second level of 4 KiB and of 64 KiB. */
  static final int SPLIT_4K = 6, SPLIT_64K = 10;

  private static final int TABLE_64K_LG2 = 16;

  private final PhysicalMemory memory;
  private final Capabilities can;
  private final StructureChecks checks;
  private final Stage2Walk stage2;

  ConfigurationReader(PhysicalMemory memory, Capabilities can, Stage2Walk stage2) {
    this.memory = memory;
    this.can = can;
    this.checks = new StructureChecks(can);
    this.stage2 = stage2;
  }

  /** The STE of a StreamID, or why there is none. */
  StreamEntry stream(int sid, Latched latched) {
    long at = streamAddress(sid, latched);
    if (at < 0) {
      return new StreamEntry(sid, at);
    }
    long[] words = read(at);
    if (words == null) {
      return new StreamEntry(sid, Verdict.of(F_STE_FETCH, Verdict.STAGE_1, at));
    }
    return checks.stream(words) == null
        ? new StreamEntry(sid, words, latched, can)
        : new StreamEntry(sid, Verdict.of(C_BAD_STE));
  }

  private long streamAddress(int sid, Latched latched) {
    long id = Integer.toUnsignedLong(sid);
    if (id >>> latched.streamBits() != 0) {
      return badStream(latched);
    }
    if (!latched.twoLevel()) {
      return latched.streamTable() + (id << ENTRY_LG2);
    }
    int split = latched.split();
    long at = latched.streamTable() + (id >>> split << LEVEL_1_LG2);
    long descriptor = memory.load64(at);
    if (descriptor == -1 && memory.status(at, L1Std.BYTES) != MemoryStatus.OK) {
      return Verdict.of(F_STE_FETCH, Verdict.STAGE_1, at);
    }
    long index = id & (1L << split) - 1;
    boolean tooLarge = L1Std.SPAN.get(descriptor) > split + 1;
    return tooLarge || index >= L1Std.entries(descriptor)
        ? badStream(latched)
        : L1Std.base(descriptor) + (index << ENTRY_LG2);
  }

  private static long badStream(Latched latched) {
    long verdict = Verdict.of(C_BAD_STREAMID);
    return latched.recordsBadStreams() ? verdict : Verdict.ending(verdict, Verdict.ABORT);
  }

  /**
   * The CD of a SubstreamID that the STE allows, or why there is none.
   *
   * @param epoch for fills of the TLB by way of stage 2
   */
  ContextEntry context(StreamEntry ste, int sid, int ssid, long epoch) {
    long at = contextAddress(ste, ssid, epoch);
    if (at >= 0 && ste.stage2) {
      at = translated(ste, at, epoch);
    }
    if (at < 0) {
      return new ContextEntry(at);
    }
    long[] words = read(at);
    if (words == null) {
      return new ContextEntry(Verdict.of(F_CD_FETCH, Verdict.STAGE_1, at));
    }
    return checks.context(words, ste) == null
        ? new ContextEntry(ste, sid, ssid, words, can)
        : new ContextEntry(Verdict.of(C_BAD_CD));
  }

  /** Address of the CD before stage 2. */
  private long contextAddress(StreamEntry ste, int ssid, long epoch) {
    long pointer = Ste.S1CONTEXTPTR.inPlace(ste.words);
    int format = (int) Ste.S1FMT.get(ste.words);
    if (ste.contextBits == 0) {
      return pointer;
    }
    if (format == 0 || format == 3) {
      long table = pointer & -(1L << (ste.contextBits + ENTRY_LG2));
      return table + ((long) ssid << ENTRY_LG2);
    }
    int split = format == 1 ? SPLIT_4K : SPLIT_64K;
    int tableLg2 = Math.max(ENTRY_LG2, ste.contextBits - split + LEVEL_1_LG2);
    long at = (pointer & -(1L << tableLg2)) + ((long) ssid >>> split << LEVEL_1_LG2);
    if (ste.stage2) {
      at = translated(ste, at, epoch);
      if (at < 0) {
        return at;
      }
    }
    return second(ssid, split, at);
  }

  private long second(int ssid, int split, long at) {
    long descriptor = memory.load64(at);
    if (descriptor == -1 && memory.status(at, L1Cd.BYTES) != MemoryStatus.OK) {
      return Verdict.of(F_CD_FETCH, Verdict.STAGE_1, at);
    }
    long table = L1Cd.L2PTR.inPlace(descriptor);
    if (split == SPLIT_64K) {
      table &= -(1L << TABLE_64K_LG2);
    }
    if (!L1Cd.V.isSet(descriptor) || table >>> can.oas() != 0) {
      return Verdict.of(C_BAD_SUBSTREAMID);
    }
    return table + ((ssid & (1L << split) - 1) << ENTRY_LG2);
  }

  /** A CD or its level-1 descriptor through stage 2: a privileged read of data. */
  private long translated(StreamEntry ste, long ipa, long epoch) {
    long plan = StageWalk.plan(Rights.PR, stage2.tagOf(ste, epoch));
    long word = stage2.translate(ste, ipa, StageWalk.withOrigin(plan, Verdict.STAGE_2_CD), epoch);
    return word < 0
        ? ste.faultOfStage2(word & ~Verdict.withAccess(0, false, false, true))
        : CacheWord.address(word) | (ipa & ((1L << stage2.caches.sizeLg2(word)) - 1));
  }

  /** The eight words of an STE or CD; null if memory does not have them. */
  private long[] read(long address) {
    if (memory.status(address, Ste.BYTES) != MemoryStatus.OK) {
      return null;
    }
    long[] words = new long[WORDS];
    for (int word = 0; word < WORDS; word++) {
      words[word] = memory.load64(address + (long) word * Long.BYTES);
    }
    assert Cd.BYTES == Ste.BYTES : "both are read alike";
    return words;
  }
}
