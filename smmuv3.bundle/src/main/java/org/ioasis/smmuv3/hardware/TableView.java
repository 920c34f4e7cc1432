package org.ioasis.smmuv3.hardware;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.kit.cache.CacheWord;
import org.ioasis.kit.cache.InvalidationEpoch;
import org.ioasis.kit.cache.TagTree;
import org.ioasis.kit.pagetable.RadixFormat;
import org.ioasis.kit.pagetable.RadixTable;
import org.ioasis.smmuv3.format.Lpae;
import org.ioasis.smmuv3.format.Stage1Descriptor;
import org.ioasis.smmuv3.format.Stage2Descriptor;

/**
 * One set of tables for the generic iterator. Its level is 3 less the architecture's. Stage-1
 * tables behind stage 2 are found through a walk of stage 2 without caches.
 */
final class TableView implements RadixFormat {
  private final Regime tables;
  private final boolean first;
  private final boolean ignoresHierarchy;
  private final boolean upper;
  private final StreamEntry behind;
  private final Stage2Walk stage2;

  private TableView(
      Regime tables,
      boolean first,
      boolean ignoresHierarchy,
      boolean upper,
      StreamEntry behind,
      Stage2Walk stage2) {
    this.tables = tables;
    this.first = first;
    this.ignoresHierarchy = ignoresHierarchy;
    this.upper = upper;
    this.behind = behind;
    this.stage2 = stage2;
  }

  /** Stage 2 of an entry. */
  static TableView stage2(StreamEntry ste) {
    return new TableView(ste.tables2, false, true, false, null, null);
  }

  /** One half of stage 1. */
  static TableView stage1(StreamEntry ste, ContextEntry cd, boolean upper, Stage2Walk stage2) {
    return new TableView(
        cd.tables(upper), true, upper ? cd.had1 : cd.had0, upper, ste.stage2 ? ste : null, stage2);
  }

  Regime tables() {
    return tables;
  }

  boolean isStage1() {
    return first;
  }

  /** The last input address, counted from 0. */
  long last() {
    return (1L << tables.inputBits) - 1;
  }

  /** An input address as software writes it. */
  long input(long index) {
    return upper ? index | -1L << tables.inputBits : index;
  }

  /** The architecture's level. */
  static int level(int level) {
    return Lpae.LAST_LEVEL - level;
  }

  @Override
  public int topLevel() {
    return Lpae.LAST_LEVEL - tables.startLevel;
  }

  @Override
  public int indexBits() {
    return Lpae.indexBits(tables.granuleLg2);
  }

  @Override
  public int rootIndexBits() {
    return tables.inputBits - tables.shift(tables.startLevel);
  }

  @Override
  public int spanLg2(int level) {
    return tables.shift(level(level));
  }

  private long ordered(long entry) {
    return StageWalk.ordered(entry, tables.bigEndian);
  }

  @Override
  public Kind kind(long entry, int level) {
    long descriptor = ordered(entry);
    if ((descriptor & StageWalk.VALID) == 0) {
      return Kind.NOT_PRESENT;
    }
    if (StageWalk.isInvalid(tables, descriptor, level(level))
        || address(entry, level) >>> tables.outputBits != 0) {
      return Kind.MALFORMED;
    }
    return StageWalk.isLeaf(descriptor, level(level)) ? Kind.LEAF : Kind.TABLE;
  }

  @Override
  public long address(long entry, int level) {
    long descriptor = ordered(entry);
    boolean leaf = StageWalk.isLeaf(descriptor, level(level));
    int lg2 = leaf ? spanLg2(level) : tables.granuleLg2;
    return Lpae.address(descriptor, tables.form) & -(1L << lg2);
  }

  @Override
  public int rights(long entry, int level) {
    long descriptor = ordered(entry);
    boolean leaf = StageWalk.isLeaf(descriptor, level(level));
    if (!first) {
      int read = Stage2Descriptor.S2AP_READ.isSet(descriptor) ? DmaRequest.READ : 0;
      int write = Stage2Descriptor.S2AP_WRITE.isSet(descriptor) ? DmaRequest.WRITE : 0;
      return leaf ? read | write : DmaRequest.READ | DmaRequest.WRITE;
    }
    boolean readOnly =
        leaf
            ? Stage1Descriptor.AP_2.isSet(descriptor)
            : !ignoresHierarchy
                && (Stage1Descriptor.APTABLE.get(descriptor) & Stage1Descriptor.APTABLE_READ_ONLY)
                    != 0;
    return readOnly ? DmaRequest.READ : DmaRequest.READ | DmaRequest.WRITE;
  }

  @Override
  public long locate(long address) {
    if (behind == null) {
      return address;
    }
    long plan = StageWalk.plan(Rights.PR, TagTree.NO_TAG);
    long word =
        stage2.translate(
            behind,
            address,
            StageWalk.withOrigin(plan, Verdict.STAGE_2_TABLE),
            InvalidationEpoch.NO_FILL);
    return word < 0
        ? RadixTable.NOWHERE
        : CacheWord.address(word) | (address & ((1L << stage2.caches.sizeLg2(word)) - 1));
  }
}
