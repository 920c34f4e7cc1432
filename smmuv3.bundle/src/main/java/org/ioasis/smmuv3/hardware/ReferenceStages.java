package org.ioasis.smmuv3.hardware;

import static org.ioasis.smmuv3.format.EventType.*;

import org.ioasis.api.inspect.Answer;
import org.ioasis.kit.layout.Layout;
import org.ioasis.smmuv3.format.Cd;
import org.ioasis.smmuv3.format.EventType;
import org.ioasis.smmuv3.format.Lpae;
import org.ioasis.smmuv3.format.Stage1Descriptor;
import org.ioasis.smmuv3.format.Stage2Descriptor;
import org.ioasis.smmuv3.format.Ste;

/**
 * Both stages of the reference walk. Recomputes geometry level by level and keeps rights as truth
 * values, where the fast walk has masks.
 *
 * <p><b>Threading:</b> any thread; state is in the {@link Story}.
 */
final class ReferenceStages {
  /** Rights of both privileges. */
  record Permissions(boolean ur, boolean uw, boolean ux, boolean pr, boolean pw, boolean px) {
    Permissions and(Permissions other) {
      return new Permissions(
          ur && other.ur,
          uw && other.uw,
          ux && other.ux,
          pr && other.pr,
          pw && other.pw,
          px && other.px);
    }
  }

  /**
   * The end of one stage.
   *
   * @param fault how it ended, null if it translated
   * @param output the address put out
   * @param pageLg2 log2 of the block
   * @param rights what it allows
   */
  record Result(Answer fault, long output, int pageLg2, Permissions rights) {
    static Result of(Answer fault) {
      return new Result(fault, 0, 0, null);
    }
  }

  /** What a stage-2 access needs. */
  private record Need(boolean read, boolean write, boolean execute, boolean privileged) {
    boolean isMet(Permissions rights) {
      return missing(rights) == 0;
    }

    /** 1 read, 2 write, 4 execute. */
    int missing(Permissions rights) {
      boolean r = privileged ? rights.pr : rights.ur;
      boolean w = privileged ? rights.pw : rights.uw;
      boolean x = privileged ? rights.px : rights.ux;
      return (read && !r ? 1 : 0) | (write && !w ? 2 : 0) | (execute && !x ? 4 : 0);
    }
  }

  private final Capabilities can;

  ReferenceStages(Capabilities can) {
    this.can = can;
  }

  // ---- stage 2 ----

  private static Answer fault2(
      ReferenceAccess access,
      StreamEntry ste,
      EventType type,
      int place,
      long address,
      Story story,
      String why,
      boolean rnw) {
    long[] record = access.record(type, place, address, rnw);
    String text = "stage 2: " + why;
    if (!type.isTranslationFault()) {
      return story.recorded(type, record, text);
    }
    if (Ste.S2S.isSet(ste.words)) {
      return story.stalled(type, record, text);
    }
    return Ste.S2R.isSet(ste.words)
        ? story.recorded(type, record, text)
        : story.unrecorded(type, text + "; S2R=0");
  }

  /** Translates an intermediate address for the purpose that {@code place} names. */
  Result stage2(ReferenceAccess access, StreamEntry ste, long ipa, int place, Story story) {
    long[] words = ste.words;
    boolean own = place == ReferenceAccess.STAGE_2_IN;
    Need need =
        own
            ? new Need(access.reads(), access.writes(), access.executes(), access.privileged())
            : new Need(
                place != ReferenceAccess.STAGE_2_UPDATE,
                place == ReferenceAccess.STAGE_2_UPDATE,
                false,
                true);
    boolean rnw = !access.request().isWrite();
    int granule = Lpae.granuleOfTg0(Ste.S2TG.get(words));
    int stride = granule - 3;
    int bits = 64 - (int) Ste.S2T0SZ.get(words);
    boolean ds = Ste.S2DS.isSet(words) && can.ds() && granule != Lpae.GRANULE_64K;
    if (bits < 64 && ipa >>> bits != 0) {
      return Result.of(
          fault2(
              access,
              ste,
              F_TRANSLATION,
              place,
              ipa,
              story,
              "IPA 0x%x >= 2^(64-S2T0SZ)=2^%d".formatted(ipa, bits),
              rnw));
    }
    int level = Regime.stage2StartLevel(words, can);
    int output = can.outputBits(Ste.S2PS.get(words), granule, ds);
    int startLg2 = bits - (granule + (3 - level) * stride) + 3;
    int align = Math.max(startLg2, output > 48 ? 6 : 4);
    long table = Ste.S2TTB.inPlace(words) & -(1L << align);
    boolean first = true;
    while (true) {
      int shift = granule + (3 - level) * stride;
      long index = first ? ipa >>> shift : ipa >>> shift & (1L << stride) - 1;
      long at = table + index * 8;
      long[] raw = story.words(at, 1);
      if (raw == null) {
        return Result.of(
            fault2(
                access,
                ste,
                F_WALK_EABT,
                place,
                at,
                story,
                "the level %d descriptor at 0x%x cannot be read".formatted(level, at),
                rnw));
      }
      long descriptor = Ste.S2ENDI.isSet(words) ? Long.reverseBytes(raw[0]) : raw[0];
      boolean leaf = level == 3 || !Stage2Descriptor.TABLE.isSet(descriptor);
      note(story, "stage-2 level %d".formatted(level), true, leaf, at, descriptor);
      String invalid = invalid(granule, level, ds, descriptor);
      if (invalid != null) {
        return Result.of(fault2(access, ste, F_TRANSLATION, place, ipa, story, invalid, rnw));
      }
      long address =
          address(descriptor, granule, ds) >> (leaf ? shift : granule) << (leaf ? shift : granule);
      if (address >>> output != 0) {
        return Result.of(
            fault2(
                access,
                ste,
                F_ADDR_SIZE,
                place,
                ipa,
                story,
                "level %d address 0x%x >= 2^%d".formatted(level, address, output),
                rnw));
      }
      if (leaf) {
        return leaf2(access, ste, descriptor, address, shift, ipa, place, need, story);
      }
      table = address;
      level++;
      first = false;
    }
  }

  private Result leaf2(
      ReferenceAccess access,
      StreamEntry ste,
      long descriptor,
      long block,
      int lg2,
      long ipa,
      int place,
      Need need,
      Story story) {
    boolean rnw = !access.request().isWrite();
    boolean updates = Ste.S2HA.isSet(ste.words) && can.updatesAccess();
    if (!Stage2Descriptor.AF.isSet(descriptor) && !updates && !Ste.S2AFFD.isSet(ste.words)) {
      return Result.of(fault2(access, ste, F_ACCESS, place, ipa, story, "AF=0", rnw));
    }
    boolean dirties =
        updates
            && Ste.S2HD.isSet(ste.words)
            && can.updatesDirty()
            && Stage2Descriptor.DBM.isSet(descriptor);
    boolean read = Stage2Descriptor.S2AP_READ.isSet(descriptor);
    boolean write = Stage2Descriptor.S2AP_WRITE.isSet(descriptor) || dirties;
    long xn = Stage2Descriptor.XN.get(descriptor);
    boolean ux = can.executeByPrivilege() ? xn == 0 || xn == 1 : xn < 2;
    boolean px = can.executeByPrivilege() ? xn == 0 || xn == 3 : xn < 2;
    Permissions rights = new Permissions(read, write, ux, read, write, px);
    if (!need.isMet(rights)) {
      boolean own = place == ReferenceAccess.STAGE_2_IN;
      boolean readAlone = own && need.missing(rights) == 1;
      return Result.of(
          fault2(
              access,
              ste,
              F_PERMISSION,
              place,
              ipa,
              story,
              "S2AP=%d XN=%d"
                  .formatted(
                      (read ? 1 : 0) | (Stage2Descriptor.S2AP_WRITE.isSet(descriptor) ? 2 : 0), xn),
              rnw || readAlone));
    }
    boolean walk = place != ReferenceAccess.STAGE_2_IN;
    if (walk && Ste.S2PTW.isSet(ste.words) && Stage2Descriptor.MEMATTR.get(descriptor) < 4) {
      return Result.of(
          fault2(
              access,
              ste,
              F_PERMISSION,
              place,
              ipa,
              story,
              "S2PTW=1 and MemAttr=%d is Device memory"
                  .formatted(Stage2Descriptor.MEMATTR.get(descriptor)),
              rnw));
    }
    return new Result(null, block | (ipa & ((1L << lg2) - 1)), lg2, rights);
  }

  // ---- what both stages share ----

  private String invalid(int granule, int level, boolean ds, long descriptor) {
    if ((descriptor & 1) == 0) {
      return "the level %d descriptor is invalid".formatted(level);
    }
    boolean table = (descriptor & 2) != 0;
    if (level == 3) {
      return table ? null : "the level 3 descriptor has the reserved type 01";
    }
    return table || Lpae.isBlockLevel(granule, level, ds, can.output52())
        ? null
        : "no blocks at level %d of this granule".formatted(level);
  }

  private long address(long descriptor, int granule, boolean ds) {
    long low = descriptor & 0xFFFF_FFFF_F000L;
    if (granule == Lpae.GRANULE_64K) {
      long high = can.output52() ? descriptor >>> 12 & 0xF : 0;
      return (low & ~0xF000L) | high << 48;
    }
    return ds ? low | (descriptor >>> 48 & 3) << 48 | (descriptor >>> 8 & 3) << 50 : low;
  }

  private static void note(
      Story story, String name, boolean stage2, boolean leaf, long at, long descriptor) {
    Layout layout;
    if (stage2) {
      layout = leaf ? Stage2Descriptor.LEAF_LAYOUT : Stage2Descriptor.TABLE_LAYOUT;
    } else {
      layout = leaf ? Stage1Descriptor.LEAF_LAYOUT : Stage1Descriptor.TABLE_LAYOUT;
    }
    story.note(name, layout, at, new long[] {descriptor});
  }

  // ---- stage 1 ----

  private static Answer fault1(
      ReferenceAccess access,
      ContextEntry cd,
      EventType type,
      long address,
      Story story,
      String why,
      boolean rnw) {
    boolean fetch = type == F_WALK_EABT;
    int place = fetch ? ReferenceAccess.STAGE_1_FETCH : ReferenceAccess.STAGE_1_IN;
    long[] record = access.record(type, place, address, rnw);
    String text = "stage 1: " + why;
    if (fetch) {
      return story.recorded(type, record, text);
    }
    if (Cd.S.isSet(cd.words)) {
      return story.stalled(type, record, text);
    }
    return Cd.R.isSet(cd.words)
        ? story.recorded(type, record, text)
        : story.unrecorded(type, text + "; R=0");
  }

  /** Stage 1 and, if it is enabled, stage 2 of its output. */
  Answer translate(ReferenceAccess access, StreamEntry ste, ContextEntry cd, Story story) {
    Result first = stage1(access, ste, cd, story);
    if (first.fault() != null) {
      return first.fault();
    }
    if (!ste.stage2) {
      return story.ok(
          first.output(), first.pageLg2(), access.granted(first.rights()), "stage 1 translates");
    }
    Result second = stage2(access, ste, first.output(), ReferenceAccess.STAGE_2_IN, story);
    if (second.fault() != null) {
      return second.fault();
    }
    return story.ok(
        second.output(),
        Math.min(first.pageLg2(), second.pageLg2()),
        access.granted(first.rights().and(second.rights())),
        "both stages translate");
  }

  private Result stage1(ReferenceAccess access, StreamEntry ste, ContextEntry cd, Story story) {
    long va = access.request().iova();
    boolean rnw = !access.request().isWrite();
    boolean upper = !cd.oneRange && (va & 1L << 55) != 0;
    long[] words = cd.words;
    int bits = 64 - (int) (upper ? Cd.T1SZ : Cd.T0SZ).get(words);
    int top = (upper ? Cd.TBI1 : Cd.TBI0).isSet(words) ? 55 : 63;
    boolean disabled = upper ? Cd.EPD1.isSet(words) : Cd.EPD0.isSet(words) && !cd.oneRange;
    if (disabled) {
      return Result.of(
          fault1(access, cd, F_TRANSLATION, 0, story, "EPD%d=1".formatted(upper ? 1 : 0), rnw));
    }
    for (int bit = bits; bit <= top; bit++) {
      boolean wanted = !cd.oneRange && upper;
      if ((va >>> bit & 1) != (wanted ? 1 : 0)) {
        return Result.of(
            fault1(
                access,
                cd,
                F_TRANSLATION,
                0,
                story,
                "address 0x%x is outside of 2^(64-T%dSZ)=2^%d".formatted(va, upper ? 1 : 0, bits),
                rnw));
      }
    }
    return levels(access, ste, cd, upper, va & (1L << bits) - 1, story);
  }

  private Result levels(
      ReferenceAccess access,
      StreamEntry ste,
      ContextEntry cd,
      boolean upper,
      long input,
      Story story) {
    long[] words = cd.words;
    boolean rnw = !access.request().isWrite();
    int granule =
        upper ? Lpae.granuleOfTg1(Cd.TG1.get(words)) : Lpae.granuleOfTg0(Cd.TG0.get(words));
    int stride = granule - 3;
    boolean ds = Cd.DS.isSet(words) && can.ds() && granule != Lpae.GRANULE_64K;
    int bits = 64 - (int) (upper ? Cd.T1SZ : Cd.T0SZ).get(words);
    int output = can.outputBits(Cd.IPS.get(words), granule, ds);
    int level = 3;
    while (bits > granule + (3 - level) * stride + stride) {
      level--;
    }
    int startLg2 = bits - (granule + (3 - level) * stride) + 3;
    int align = Math.max(startLg2, output > 48 ? 6 : 4);
    long table = (upper ? Cd.TTB1 : Cd.TTB0).inPlace(words) & -(1L << align);
    Hierarchy above = new Hierarchy(false, false, false, false);
    while (true) {
      int shift = granule + (3 - level) * stride;
      long ipa = table + (input >>> shift & (1L << stride) - 1) * 8;
      long at = ipa;
      if (ste.stage2) {
        Result behind = stage2(access, ste, ipa, ReferenceAccess.STAGE_2_TABLE, story);
        if (behind.fault() != null) {
          return behind;
        }
        at = behind.output();
      }
      long[] raw = story.words(at, 1);
      if (raw == null) {
        return Result.of(
            fault1(
                access,
                cd,
                F_WALK_EABT,
                at,
                story,
                "the level %d descriptor at 0x%x cannot be read".formatted(level, at),
                rnw));
      }
      long descriptor = Cd.ENDI.isSet(words) ? Long.reverseBytes(raw[0]) : raw[0];
      boolean leaf = level == 3 || !Stage1Descriptor.TABLE.isSet(descriptor);
      note(story, "stage-1 level %d".formatted(level), false, leaf, at, descriptor);
      String invalid = invalid(granule, level, ds, descriptor);
      if (invalid != null) {
        return Result.of(fault1(access, cd, F_TRANSLATION, 0, story, invalid, rnw));
      }
      int low = leaf ? shift : granule;
      long address = address(descriptor, granule, ds) >> low << low;
      if (address >>> output != 0) {
        return Result.of(
            fault1(
                access,
                cd,
                F_ADDR_SIZE,
                0,
                story,
                "level %d address 0x%x >= 2^%d".formatted(level, address, output),
                rnw));
      }
      if (leaf) {
        return leaf1(
            access, ste, cd, new Leaf(descriptor, address, shift, input, ipa), above, story);
      }
      if (!can.hierarchicalDisable() || !(upper ? Cd.HAD1 : Cd.HAD0).isSet(words)) {
        above = above.with(descriptor);
      }
      table = address;
      level++;
    }
  }

  /** What table descriptors restrict. */
  private record Hierarchy(boolean noUnprivileged, boolean readOnly, boolean pxn, boolean uxn) {
    Hierarchy with(long table) {
      long ap = Stage1Descriptor.APTABLE.get(table);
      return new Hierarchy(
          noUnprivileged || (ap & 1) != 0,
          readOnly || (ap & 2) != 0,
          pxn || Stage1Descriptor.PXNTABLE.isSet(table),
          uxn || Stage1Descriptor.UXNTABLE.isSet(table));
    }
  }

  /** A block or page, and where its descriptor lies before stage 2. */
  private record Leaf(long descriptor, long block, int lg2, long input, long ipa) {}

  private Result leaf1(
      ReferenceAccess access,
      StreamEntry ste,
      ContextEntry cd,
      Leaf leaf,
      Hierarchy above,
      Story story) {
    long descriptor = leaf.descriptor;
    boolean rnw = !access.request().isWrite();
    boolean updates = Cd.HA.isSet(cd.words) && can.updatesAccess();
    boolean accessed = Stage1Descriptor.AF.isSet(descriptor);
    if (!accessed && !updates && !Cd.AFFD.isSet(cd.words)) {
      return Result.of(fault1(access, cd, F_ACCESS, 0, story, "AF=0", rnw));
    }
    boolean clean =
        updates
            && Cd.HD.isSet(cd.words)
            && can.updatesDirty()
            && Stage1Descriptor.DBM.isSet(descriptor)
            && Stage1Descriptor.AP_2.isSet(descriptor)
            && !above.readOnly;
    boolean readOnly = above.readOnly || (Stage1Descriptor.AP_2.isSet(descriptor) && !clean);
    Permissions rights = permissions(cd, descriptor, above, readOnly);
    Need need = new Need(access.reads(), access.writes(), access.executes(), access.privileged());
    if (!need.isMet(rights)) {
      return Result.of(
          fault1(
              access,
              cd,
              F_PERMISSION,
              0,
              story,
              "%s %s access, AP=%d%s PXN=%d UXN=%d%s"
                  .formatted(
                      access.privileged() ? "privileged" : "unprivileged",
                      access.writes() ? "write" : access.executes() ? "execute" : "read",
                      descriptor >>> 6 & 3,
                      above.readOnly || above.noUnprivileged ? " below APTable" : "",
                      descriptor >>> 53 & 1,
                      descriptor >>> 54 & 1,
                      cd.pan ? " PAN=1" : ""),
              rnw || need.missing(rights) == 1));
    }
    boolean marks = (updates && !accessed) || (clean && access.writes());
    if (marks && ste.stage2) {
      Result update = stage2(access, ste, leaf.ipa, ReferenceAccess.STAGE_2_UPDATE, story);
      if (update.fault() != null) {
        return update;
      }
    }
    return new Result(null, leaf.block | (leaf.input & ((1L << leaf.lg2) - 1)), leaf.lg2, rights);
  }

  private static Permissions permissions(
      ContextEntry cd, long descriptor, Hierarchy above, boolean readOnly) {
    boolean wxn = Cd.WXN.isSet(cd.words);
    boolean uxn = above.uxn || Stage1Descriptor.UXN.isSet(descriptor);
    if (cd.oneRange) {
      boolean execute = !uxn && (readOnly || !wxn);
      return new Permissions(true, !readOnly, execute, true, !readOnly, execute);
    }
    boolean pxn = above.pxn || Stage1Descriptor.PXN.isSet(descriptor);
    boolean ur = Stage1Descriptor.AP_1.isSet(descriptor) && !above.noUnprivileged;
    boolean uw = ur && !readOnly;
    boolean ux = !uxn && !(wxn && uw);
    boolean px = !pxn && !uw && !(wxn && !readOnly);
    boolean kept = !(Cd.PAN.isSet(cd.words) && ur);
    return new Permissions(ur, uw, ux, kept, kept && !readOnly, px);
  }
}
