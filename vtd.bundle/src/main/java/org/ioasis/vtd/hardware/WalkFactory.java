package org.ioasis.vtd.hardware;

import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.cache.TaggedCache;
import org.ioasis.vtd.format.AddressBits;
import org.ioasis.vtd.format.PasidTableEntry;

/**
 * Makes the walk that an entry selects: one class per depth and stage, with what the entry switches
 * on in final fields. One is made when a PASID table entry has been read.
 *
 * <p><b>Threading:</b> any thread; immutable.
 */
final class WalkFactory {
  private static final int CODES = 8;

  private final PhysicalMemory memory;
  private final Capabilities capabilities;
  private final TaggedCache walkCache;
  private final SecondStageWalk[] legacyWalks = new SecondStageWalk[CODES];

  WalkFactory(PhysicalMemory memory, Capabilities capabilities, TaggedCache walkCache) {
    this.memory = memory;
    this.capabilities = capabilities;
    this.walkCache = walkCache;
    SecondStageRules rules =
        new SecondStageRules(memory, capabilities, StageControls.LEGACY, false);
    for (int aw = 0; aw < CODES; aw++) {
      if (isWalked(aw)) {
        legacyWalks[aw] = SecondStageWalk.of(AddressBits.levels(aw), memory, walkCache, rules);
      }
    }
  }

  /** Whether a code of AW fields names a supported depth; the obsolete ones are not walked. */
  private boolean isWalked(int aw) {
    return aw >= 1 && aw <= 3 && capabilities.supportsAw(aw);
  }

  /** The walk for AW of a legacy context entry; null if it is not supported. */
  StageWalk legacy(int aw) {
    return legacyWalks[aw];
  }

  /** What a PASID table entry translates with; null if its programming is not supported. */
  Target.Tables scalable(long word0, long word1, long word2) {
    StageControls controls = StageControls.of(capabilities, word0, word1, word2);
    boolean executes = capabilities.executeRequests() && PasidTableEntry.ERE.isSet(word2);
    boolean supervises = capabilities.supervisorRequests() && PasidTableEntry.SRE.isSet(word2);
    int aw = (int) PasidTableEntry.AW.get(word0);
    int width = Math.min(capabilities.mgaw(), AddressBits.inputWidth(aw));
    long secondRoot = PasidTableEntry.SSPTPTR.inPlace(word0);
    long firstRoot = PasidTableEntry.FSPTPTR.inPlace(word2);
    int firstLevels = firstLevels(word2);
    return switch ((int) PasidTableEntry.PGTT.get(word0)) {
      case PasidTableEntry.PGTT_FIRST_STAGE -> {
        if (firstLevels == 0 || !capabilities.firstStage()) {
          yield null;
        }
        FirstStageRules rules = new FirstStageRules(memory, capabilities, controls);
        StageWalk first = FirstStageWalk.of(firstLevels, memory, walkCache, rules);
        yield new Target.Tables(first, firstRoot, 64, true, executes, supervises);
      }
      case PasidTableEntry.PGTT_SECOND_STAGE -> {
        if (!isWalked(aw) || !capabilities.secondStage()) {
          yield null;
        }
        StageWalk second =
            SecondStageWalk.of(AddressBits.levels(aw), memory, walkCache, second(controls));
        yield new Target.Tables(second, secondRoot, width, false, executes, supervises);
      }
      case PasidTableEntry.PGTT_NESTED -> {
        if (firstLevels == 0 || !isWalked(aw) || !capabilities.nested()) {
          yield null;
        }
        StageWalk nested =
            new NestedWalk(
                memory,
                walkCache,
                new FirstStageRules(memory, capabilities, controls),
                firstLevels,
                new NestedWalk.Second(second(controls), secondRoot, AddressBits.levels(aw), width));
        yield new Target.Tables(nested, firstRoot, 64, true, executes, supervises);
      }
      case PasidTableEntry.PGTT_PASS_THROUGH ->
          capabilities.passThrough()
              ? new Target.Tables(
                  null, 0, capabilities.identityWidth(), false, executes, supervises)
              : null;
      default -> null;
    };
  }

  private SecondStageRules second(StageControls controls) {
    return new SecondStageRules(memory, capabilities, controls, true);
  }

  /** Levels that FSPM selects; 0 if that is not supported. */
  private int firstLevels(long word2) {
    return switch ((int) PasidTableEntry.FSPM.get(word2)) {
      case PasidTableEntry.FSPM_4_LEVEL -> 4;
      case PasidTableEntry.FSPM_5_LEVEL -> capabilities.firstStage5Level() ? 5 : 0;
      default -> 0;
    };
  }
}
