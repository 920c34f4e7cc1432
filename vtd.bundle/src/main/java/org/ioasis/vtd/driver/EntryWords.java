package org.ioasis.vtd.driver;

import org.ioasis.api.driver.DomainFlag;
import org.ioasis.vtd.format.ContextEntry;
import org.ioasis.vtd.format.PasidTableEntry;

/** What entries that lead to a domain say. VT-d, "Context Entry", "PASID Table Entry". */
final class EntryWords {
  private static final int FIVE_LEVELS = 5;

  private EntryWords() {}

  /**
   * Bits 63:0 of a legacy context entry.
   *
   * @param ats whether the device may hold translations of its own
   */
  static long legacyLow(VtdDomain domain, boolean ats) {
    if (domain.table() == null) {
      return ContextEntry.P.mask() | ContextEntry.TT.of(ContextEntry.TT_PASS_THROUGH);
    }
    return ContextEntry.P.mask()
        | ContextEntry.TT.of(ats ? ContextEntry.TT_ALL : ContextEntry.TT_UNTRANSLATED)
        | ContextEntry.SSPTPTR.ofInPlace(domain.table().root());
  }

  /** Bits 127:64 of a legacy context entry. */
  static long legacyHigh(VtdDomain domain) {
    return ContextEntry.AW.of(addressWidth(domain)) | ContextEntry.DID.of(domain.did());
  }

  private static int addressWidth(VtdDomain domain) {
    return domain.table() == null
        ? domain.core().claims().deepestAw()
        : domain.format().levels() - 2;
  }

  /** Quadwords 0 to 2 of a PASID table entry. */
  static long[] pasidEntry(VtdDomain domain) {
    boolean firstStage = domain.isFirstStage();
    VtdDomain second = domain.parent() != null ? domain.parent() : domain;
    boolean hasSecond = second.isSecondStage();
    long word0 =
        PasidTableEntry.P.mask()
            | PasidTableEntry.AW.of(addressWidth(second))
            | PasidTableEntry.PGTT.of(type(domain));
    if (hasSecond) {
      word0 |= PasidTableEntry.SSPTPTR.ofInPlace(second.table().root());
      word0 |= PasidTableEntry.SSADE.of(second.format().marksWritten() ? 1 : 0);
    }
    boolean snoops =
        (firstStage || domain.parent() != null)
            && (domain.spec().flags().contains(DomainFlag.ENFORCE_SNOOP)
                || second.spec().flags().contains(DomainFlag.ENFORCE_SNOOP));
    long word1 =
        PasidTableEntry.DID.of(domain.did())
            | (domain.core().claims().coherentTables() ? PasidTableEntry.PWSNP.mask() : 0)
            | (snoops ? PasidTableEntry.PGSNP.mask() : 0);
    long word2 = 0;
    if (domain.parent() != null) {
      word2 = domain.firstStage().entryWord();
    } else if (firstStage) {
      int mode =
          domain.format().levels() == FIVE_LEVELS
              ? PasidTableEntry.FSPM_5_LEVEL
              : PasidTableEntry.FSPM_4_LEVEL;
      word2 =
          PasidTableEntry.FSPTPTR.ofInPlace(domain.table().root()) | PasidTableEntry.FSPM.of(mode);
    }
    return new long[] {word0, word1, word2};
  }

  private static int type(VtdDomain domain) {
    if (domain.parent() != null) {
      return PasidTableEntry.PGTT_NESTED;
    }
    if (domain.table() == null) {
      return PasidTableEntry.PGTT_PASS_THROUGH;
    }
    return domain.isFirstStage()
        ? PasidTableEntry.PGTT_FIRST_STAGE
        : PasidTableEntry.PGTT_SECOND_STAGE;
  }
}
