package org.ioasis.vtd.hardware;

import static org.ioasis.vtd.format.FaultReason.*;

import org.ioasis.api.inspect.Answer;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.kit.layout.Layout;
import org.ioasis.vtd.format.AddressBits;
import org.ioasis.vtd.format.FaultReason;
import org.ioasis.vtd.format.FirstStageEntry;
import org.ioasis.vtd.format.SecondStageEntry;

/**
 * The paging structures, walked as {@link ReferenceWalker} walks: one readable loop per stage,
 * every check in the specification's order. Bound: the number of levels. VT-d, "Second-Stage
 * Translation", "First-Stage Translation".
 *
 * <p><b>Threading:</b> any thread.
 */
final class ReferenceStages {
  private final Capabilities capabilities;

  ReferenceStages(Capabilities capabilities) {
    this.capabilities = capabilities;
  }

  /** A fault's number in the mode of the tables. */
  private static FaultReason code(Binding tables, FaultReason inLegacy, FaultReason inScalable) {
    return tables.isLegacy() ? inLegacy : inScalable;
  }

  Answer secondStage(DmaRequest request, Story story, Binding tables) {
    long input = request.iova();
    if (input >>> tables.width() != 0) {
      return story.fault(
          code(tables, LGN_1, SGN_5),
          "address beyond 2^%d = min(MGAW, AW)".formatted(tables.width()));
    }
    boolean write = request.isWrite();
    int needed = Access.needed(request, capabilities.zeroLengthRead());
    int rights = Access.READ | Access.WRITE;
    long table = tables.root();
    for (int level = tables.levels(); level >= 1; level--) {
      String name = name(SecondStageEntry.name(level), input, level);
      long address = AddressBits.entryAddress(table, input, level);
      long[] words = story.readWords(address, 1);
      if (words == null) {
        boolean top = level == tables.levels();
        return story.fault(
            top ? code(tables, LCT_4, SSS_4) : code(tables, LSL_1, SSS_1),
            "reading %s at 0x%x fails".formatted(name, address));
      }
      long entry = words[0];
      boolean leaf = level == 1 || level <= 3 && SecondStageEntry.PS.isSet(entry);
      Layout layout = SecondStageEntry.layout(level, leaf);
      story.note(name, layout, address, words);
      int own = (int) entry & (Access.READ | Access.WRITE);
      if (own == 0) {
        return story.fault(
            code(tables, write ? LGN_2 : LGN_3, SSS_2), "entry not present (R=W=0): " + name);
      }
      if ((needed & ~own) != 0) {
        boolean noWrite = (needed & ~own & Access.WRITE) != 0;
        return story.fault(
            noWrite ? code(tables, LGN_2, SGN_6) : code(tables, LGN_3, SGN_7),
            "present, but the needed right missing: %s=0 in %s"
                .formatted(noWrite ? "W" : "R", name));
      }
      long reserved =
          SecondStageEntry.reserved(
              level,
              SecondStageEntry.PS.isSet(entry),
              capabilities.haw(),
              capabilities.snoopControl(),
              capabilities.sslpsMask());
      if ((entry & reserved) != 0) {
        return story.fault(
            code(tables, LSL_2, SSS_3),
            "reserved bit set in a present entry: 0x%x of %s".formatted(entry & reserved, name));
      }
      rights &= own;
      if (leaf) {
        return leaf(request, story, new Leaf(entry, level, rights), code(tables, LGN_4, SGN_8));
      }
      table = SecondStageEntry.TABLE.inPlace(entry);
    }
    throw new AssertionError("a level 1 entry is a leaf");
  }

  private record Leaf(long entry, int level, int rights) {}

  private static Answer leaf(DmaRequest request, Story story, Leaf leaf, FaultReason interrupt) {
    int pageLg2 = AddressBits.spanLg2(leaf.level());
    long offset = (1L << pageLg2) - 1;
    long base = SecondStageEntry.ADDR_4K.inPlace(leaf.entry()) & ~offset;
    long output = base | request.iova() & offset;
    if (AddressBits.isInterrupt(output)) {
      return story.fault(interrupt, "leaf output 0x%x in FEExxxxx".formatted(output));
    }
    return story.ok(
        output,
        pageLg2,
        leaf.rights(),
        "the needed rights (%s) are granted at every level, no reserved bit is set"
            .formatted(Names.rights(request.access())));
  }

  Answer firstStage(DmaRequest request, Story story, Binding tables) {
    long input = request.iova();
    int levels = tables.levels();
    int width = tables.width();
    if (!FirstStageEntry.isCanonical(input, width)) {
      return story.fault(SGN_1, "address not canonical for %d bits".formatted(width));
    }
    boolean write = request.isWrite();
    int rights = Access.READ | Access.WRITE;
    long table = tables.root();
    for (int level = levels; level >= 1; level--) {
      String name = name(FirstStageEntry.name(level), input, level);
      long address = AddressBits.entryAddress(table, input, level);
      long[] words = story.readWords(address, 1);
      if (words == null) {
        return story.fault(
            level == levels ? SFS_4 : SFS_1, "reading %s at 0x%x fails".formatted(name, address));
      }
      long entry = words[0];
      boolean pageSize = FirstStageEntry.PS.isSet(entry);
      boolean leaf = level == 1 || level <= 3 && pageSize;
      story.note(name, FirstStageEntry.layout(level, leaf), address, words);
      if (!FirstStageEntry.P.isSet(entry)) {
        return story.fault(SFS_2, "P=0 in " + name);
      }
      if (!FirstStageEntry.US.isSet(entry)) {
        return story.fault(SGN_2, "user request and U/S=0 in " + name);
      }
      if (write && !FirstStageEntry.RW.isSet(entry)) {
        return story.fault(SGN_6, "write and R/W=0 in " + name);
      }
      long reserved =
          FirstStageEntry.reserved(
              level, pageSize, capabilities.haw(), capabilities.firstStage1G());
      if ((entry & reserved) != 0) {
        return story.fault(SFS_3, "reserved bit set: 0x%x of %s".formatted(entry & reserved, name));
      }
      if (!FirstStageEntry.RW.isSet(entry)) {
        rights &= ~Access.WRITE;
      }
      if (leaf) {
        return leaf(request, story, new Leaf(leafBits(entry), level, rights), SGN_8);
      }
      table = FirstStageEntry.TABLE.inPlace(entry);
    }
    throw new AssertionError("a level 1 entry is a leaf");
  }

  /** Without the PAT bit 12 of large pages, which is no address. */
  private static long leafBits(long entry) {
    return FirstStageEntry.ADDR_4K.inPlace(entry);
  }

  private static String name(String kind, long input, int level) {
    return "%s[0x%03x]".formatted(kind, input >>> AddressBits.spanLg2(level) & 0x1FF);
  }
}
