package org.ioasis.vtd.hardware;

import static org.ioasis.vtd.format.FaultReason.*;

import org.ioasis.vtd.format.AddressBits;
import org.ioasis.vtd.format.FaultReason;
import org.ioasis.vtd.format.FirstStageEntry;
import org.ioasis.vtd.format.PasidTableEntry;

/**
 * First-stage tables, alone or nested, walked as {@link ReferenceWalker} walks: one readable loop,
 * every check in the specification's order. Bound: the number of levels. VT-d, "First-Stage
 * Translation", "Nested Translation".
 *
 * <p><b>Threading:</b> confined to one walk.
 */
final class ReferenceFirstStage {
  private final Capabilities capabilities;
  private final Story story;
  private final Binding tables;
  private final ReferenceSecondStage second;
  private final boolean coherent;

  /** Bits of quadword 2 of the PASID entry. */
  private final boolean nxe, wpe, smep, eafe;

  ReferenceFirstStage(Capabilities capabilities, Story story, Binding tables) {
    this.capabilities = capabilities;
    this.story = story;
    this.tables = tables;
    this.second = tables.isNested() ? new ReferenceSecondStage(capabilities, story, tables) : null;
    long qw2 = tables.word2();
    this.nxe = PasidTableEntry.NXE.isSet(qw2);
    this.wpe = PasidTableEntry.WPE.isSet(qw2);
    this.smep = PasidTableEntry.SMEP.isSet(qw2);
    this.eafe = PasidTableEntry.EAFE.isSet(qw2) && capabilities.extendedAccessed();
    this.coherent =
        PasidTableEntry.PWSNP.isSet(tables.word1()) || !capabilities.coherentScalableWalks();
  }

  ReferencePage walk(ReferenceAsk ask) {
    long input = ask.input();
    if (!FirstStageEntry.isCanonical(input, tables.width())) {
      return ReferencePage.fault(
          SGN_1, "address not canonical for %d bits".formatted(tables.width()));
    }
    boolean writable = true;
    boolean user = true;
    long table = tables.root();
    for (int level = tables.levels(); level >= 1; level--) {
      String name =
          "%s[0x%03x]"
              .formatted(FirstStageEntry.name(level), input >>> AddressBits.spanLg2(level) & 0x1FF);
      long place = AddressBits.entryAddress(table, input, level);
      boolean top = level == tables.levels();
      long address = place;
      if (second != null) {
        ReferencePage through = fetch(ask.at(place), top, name);
        if (through.isFault()) {
          return through;
        }
        address = through.output();
      }
      long[] words = story.readWords(address, 1);
      if (words == null) {
        return ReferencePage.fault(
            top ? SFS_4 : SFS_1, "reading %s at 0x%x fails".formatted(name, address));
      }
      long entry = words[0];
      boolean leaf = level == 1 || (level <= 3 && FirstStageEntry.PS.isSet(entry));
      story.note(name, FirstStageEntry.layout(level, leaf), address, words);
      ReferencePage fault = judge(ask, entry, level, leaf && user, name);
      if (fault == null) {
        fault = mark(ask.at(place), address, entry, leaf, name);
      }
      if (fault != null) {
        return fault;
      }
      writable &= FirstStageEntry.RW.isSet(entry);
      user &= FirstStageEntry.US.isSet(entry);
      if (leaf) {
        return leaf(ask, entry, level, writable || (ask.privileged() && !wpe));
      }
      table = FirstStageEntry.TABLE.inPlace(entry);
    }
    throw new AssertionError("a level 1 entry is a leaf");
  }

  /** Where the second stage puts a first-stage entry, with the faults of such a fetch. */
  private ReferencePage fetch(ReferenceAsk ask, boolean top, String name) {
    ReferencePage page = second.walk(ask.rights(true, false, false), name + ": ");
    if (!page.isFault()) {
      return page;
    }
    if (page.reason() == SGN_5) {
      return ReferencePage.fault(SFS_5, "FS entry address beyond the SS limit: " + page.why());
    }
    if (page.reason() == SSS_2 || page.reason() == SGN_7) {
      String which = top ? "top" : "lower";
      return ReferencePage.fault(
          top ? SFS_6 : SFS_7,
          "no SS read right for the %s FS table: %s".formatted(which, page.why()));
    }
    return page;
  }

  private ReferencePage judge(
      ReferenceAsk ask, long entry, int level, boolean userPageSoFar, String name) {
    if (!FirstStageEntry.P.isSet(entry)) {
      return ReferencePage.fault(SFS_2, "P=0 in " + name);
    }
    if (!ask.privileged() && !FirstStageEntry.US.isSet(entry)) {
      return ReferencePage.fault(SGN_2, "user request and U/S=0 in " + name);
    }
    boolean honoursRw = !ask.privileged() || wpe;
    if (ask.write() && honoursRw && !FirstStageEntry.RW.isSet(entry)) {
      return ReferencePage.fault(SGN_6, "write and R/W=0 in " + name);
    }
    if (ask.execute() && nxe && FirstStageEntry.XD.isSet(entry)) {
      return ReferencePage.fault(SGN_3, "execute, NXE=1 and XD=1 in " + name);
    }
    boolean userPage = userPageSoFar && FirstStageEntry.US.isSet(entry);
    if (ask.execute() && ask.privileged() && smep && userPage) {
      return ReferencePage.fault(SGN_3, "supervisor execute, SMEP=1 and a user page: " + name);
    }
    long reserved =
        entry
            & FirstStageEntry.reserved(
                level,
                FirstStageEntry.PS.isSet(entry),
                capabilities.haw(),
                capabilities.firstStage1G());
    return reserved == 0
        ? null
        : ReferencePage.fault(SFS_3, "reserved bit set: 0x%x of %s".formatted(reserved, name));
  }

  /** A, D and EA, in an entry that a nested walk must be allowed to write. */
  private ReferencePage mark(
      ReferenceAsk place, long address, long entry, boolean leaf, String name) {
    long bits = FirstStageEntry.A.mask();
    if (eafe) {
      bits |= FirstStageEntry.EA.mask();
    }
    if (leaf && place.write()) {
      bits |= FirstStageEntry.D.mask();
    }
    if ((entry | bits) == entry) {
      return null;
    }
    if (!coherent) {
      return ReferencePage.fault(SFS_9, "A/D update needed but walk not coherent (PWSNP): " + name);
    }
    if (second != null) {
      ReferencePage page = second.walk(place.rights(true, true, false), name + ", to update it: ");
      FaultReason reason = page.reason();
      if (reason == SSS_2 || reason == SGN_6 || reason == SGN_7) {
        return ReferencePage.fault(SFS_8, "no SS write right when A/D must be set: " + page.why());
      }
      if (page.isFault()) {
        return page;
      }
    }
    story.mark(address, story.readWords(address, 1)[0] | bits);
    return null;
  }

  private ReferencePage leaf(ReferenceAsk ask, long entry, int level, boolean writable) {
    int lg2 = AddressBits.spanLg2(level);
    long offset = (1L << lg2) - 1;
    long base = FirstStageEntry.ADDR_4K.inPlace(entry) & ~offset;
    long output = base | (ask.input() & offset);
    int rights = Access.READ | (writable ? Access.WRITE : 0);
    boolean snoops = PasidTableEntry.PGSNP.isSet(tables.word1()) && capabilities.snoopControl();
    if (second == null) {
      return new ReferencePage(null, "", output, lg2, rights, snoops);
    }
    ReferencePage page = second.walk(ask.at(output), "output of the first stage: ");
    return page.isFault()
        ? page
        : new ReferencePage(
            null,
            "",
            page.output(),
            Math.min(lg2, page.lg2()),
            rights & page.rights(),
            snoops || page.snoops());
  }
}
