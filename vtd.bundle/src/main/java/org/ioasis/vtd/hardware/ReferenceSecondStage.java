package org.ioasis.vtd.hardware;

import static org.ioasis.vtd.format.FaultReason.*;

import org.ioasis.vtd.format.AddressBits;
import org.ioasis.vtd.format.FaultReason;
import org.ioasis.vtd.format.PasidTableEntry;
import org.ioasis.vtd.format.SecondStageEntry;

/**
 * Second-stage tables, walked as {@link ReferenceWalker} walks: one readable loop, every check in
 * the specification's order. Bound: the number of levels. VT-d, "Second-Stage Translation".
 *
 * <p><b>Threading:</b> confined to one walk.
 */
final class ReferenceSecondStage {
  private final Capabilities capabilities;
  private final Story story;
  private final boolean legacy;
  private final long root;
  private final int levels;
  private final int width;
  private final boolean marks;
  private final boolean executes;
  private final boolean coherent;

  /** The second stage of what a request translates with, alone or under a first stage. */
  ReferenceSecondStage(Capabilities capabilities, Story story, Binding tables) {
    this.capabilities = capabilities;
    this.story = story;
    this.legacy = tables.isLegacy();
    this.root = tables.isNested() ? tables.secondRoot() : tables.root();
    this.levels = tables.isNested() ? tables.secondLevels() : tables.levels();
    this.width = tables.isNested() ? tables.secondWidth() : tables.width();
    long qw0 = tables.word0();
    this.marks = PasidTableEntry.SSADE.isSet(qw0) && capabilities.secondStageAccessedDirty();
    this.executes = PasidTableEntry.SSEE.isSet(qw0) && capabilities.executeRequests();
    this.coherent =
        PasidTableEntry.PWSNP.isSet(tables.word1()) && capabilities.coherentScalableWalks();
  }

  /** A fault's number in the mode of the tables. */
  private FaultReason code(FaultReason inLegacy, FaultReason inScalable) {
    return legacy ? inLegacy : inScalable;
  }

  /**
   * Walks.
   *
   * @param why whom the address is for, to begin the names of the steps with; empty for the request
   */
  ReferencePage walk(ReferenceAsk ask, String why) {
    long input = ask.input();
    if (input >>> width != 0) {
      return ReferencePage.fault(
          code(LGN_1, SGN_5),
          "%saddress 0x%x beyond 2^%d = min(MGAW, AW)".formatted(why, input, width));
    }
    int rights = Access.READ | Access.WRITE;
    long table = root;
    for (int level = levels; level >= 1; level--) {
      String name =
          "%s%s[0x%03x]"
              .formatted(
                  why, SecondStageEntry.name(level), input >>> AddressBits.spanLg2(level) & 0x1FF);
      long address = AddressBits.entryAddress(table, input, level);
      long[] words = story.readWords(address, 1);
      if (words == null) {
        return ReferencePage.fault(
            level == levels ? code(LCT_4, SSS_4) : code(LSL_1, SSS_1),
            "reading %s at 0x%x fails".formatted(name, address));
      }
      long entry = words[0];
      boolean leaf = level == 1 || (level <= 3 && SecondStageEntry.PS.isSet(entry));
      story.note(name, SecondStageEntry.layout(level, leaf), address, words);
      ReferencePage fault = judge(ask, entry, level, name);
      if (fault == null) {
        fault = mark(ask, address, entry, leaf, name);
      }
      if (fault != null) {
        return fault;
      }
      rights &= (int) entry;
      if (leaf) {
        return leaf(input, entry, level, rights);
      }
      table = SecondStageEntry.TABLE.inPlace(entry);
    }
    throw new AssertionError("a level 1 entry is a leaf");
  }

  private ReferencePage judge(ReferenceAsk ask, long entry, int level, String name) {
    boolean r = SecondStageEntry.R.isSet(entry);
    boolean w = SecondStageEntry.W.isSet(entry);
    boolean x = SecondStageEntry.X.isSet(entry) && executes;
    if (!r && !w && !x) {
      return ReferencePage.fault(
          code(ask.write() ? LGN_2 : LGN_3, SSS_2),
          "entry not present (R=W=0%s): %s".formatted(executes ? " and X=0" : "", name));
    }
    String missing = "present, but the needed right missing: %s=0 in %s";
    if (ask.write() && !w) {
      return ReferencePage.fault(code(LGN_2, SGN_6), missing.formatted("W", name));
    }
    if (ask.read() && !r) {
      return ReferencePage.fault(code(LGN_3, SGN_7), missing.formatted("R", name));
    }
    if (ask.execute() && executes && !x) {
      return ReferencePage.fault(SGN_3, "SSEE=1 and X=0 in " + name);
    }
    long reserved =
        entry
            & SecondStageEntry.reserved(
                level,
                SecondStageEntry.PS.isSet(entry),
                capabilities.haw(),
                capabilities.snoopControl(),
                capabilities.sslpsMask());
    return reserved == 0
        ? null
        : ReferencePage.fault(
            code(LSL_2, SSS_3),
            "reserved bit set in a present entry: 0x%x of %s".formatted(reserved, name));
  }

  /** A and D, as SSADE asks. */
  private ReferencePage mark(
      ReferenceAsk ask, long address, long entry, boolean leaf, String name) {
    boolean needsA = marks && !SecondStageEntry.A.isSet(entry);
    boolean needsD = marks && leaf && ask.write() && !SecondStageEntry.D.isSet(entry);
    if (!needsA && !needsD) {
      return null;
    }
    if (!coherent) {
      return ReferencePage.fault(
          SSS_5, "A/D update needed but walk not coherent (PWSNP, ECAP.SMPWCS): " + name);
    }
    long marked = entry | SecondStageEntry.A.mask() | (needsD ? SecondStageEntry.D.mask() : 0);
    story.mark(address, marked);
    return null;
  }

  private static ReferencePage leaf(long input, long entry, int level, int rights) {
    int lg2 = AddressBits.spanLg2(level);
    long offset = (1L << lg2) - 1;
    long base = SecondStageEntry.ADDR_4K.inPlace(entry) & ~offset;
    boolean snoops = SecondStageEntry.SNP.isSet(entry);
    return new ReferencePage(null, "", base | (input & offset), lg2, rights, snoops);
  }
}
