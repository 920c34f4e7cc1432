package org.ioasis.vtd.hardware;

import org.ioasis.kit.pagetable.RadixFormat;
import org.ioasis.vtd.format.AddressBits;
import org.ioasis.vtd.format.FirstStageEntry;
import org.ioasis.vtd.format.SecondStageEntry;

/**
 * Both stages&#39; tables for the generic iterator. Its level is the specification&#39;s less 1.
 *
 * @param first first stage, otherwise second
 * @param levels 3 to 5
 * @param capabilities decide which bits are reserved
 * @param guest the memory that the tables are in if another stage lies under them; else null
 */
record StageFormat(boolean first, int levels, Capabilities capabilities, GuestMemory guest)
    implements RadixFormat {
  /** A first-stage right beside READ and WRITE: user accesses. */
  static final int USER = 16;

  StageFormat(boolean first, int levels, Capabilities capabilities) {
    this(first, levels, capabilities, null);
  }

  @Override
  public long locate(long address) {
    return guest == null ? address : guest.locate(address);
  }

  @Override
  public int topLevel() {
    return levels - 1;
  }

  @Override
  public int indexBits() {
    return AddressBits.INDEX_BITS;
  }

  @Override
  public int spanLg2(int level) {
    return AddressBits.spanLg2(level + 1);
  }

  @Override
  public Kind kind(long entry, int level) {
    boolean present =
        first
            ? FirstStageEntry.P.isSet(entry)
            : SecondStageEntry.R.isSet(entry) || SecondStageEntry.W.isSet(entry);
    if (!present) {
      return Kind.NOT_PRESENT;
    }
    boolean pageSize = FirstStageEntry.PS.isSet(entry); // the same bit in both stages
    int specified = level + 1;
    long reserved =
        first
            ? FirstStageEntry.reserved(
                specified, pageSize, capabilities.haw(), capabilities.firstStage1G())
            : SecondStageEntry.reserved(
                specified,
                pageSize,
                capabilities.haw(),
                capabilities.snoopControl(),
                capabilities.sslpsMask());
    if ((entry & reserved) != 0) {
      return Kind.MALFORMED;
    }
    return level == 0 || (level < 3 && pageSize) ? Kind.LEAF : Kind.TABLE;
  }

  @Override
  public long address(long entry, int level) {
    long address = SecondStageEntry.ADDR_4K.inPlace(entry);
    return kind(entry, level) == Kind.LEAF ? address & -(1L << spanLg2(level)) : address;
  }

  @Override
  public int rights(long entry, int level) {
    if (!first) {
      return (int) entry & (Access.READ | Access.WRITE);
    }
    return Access.READ
        | (FirstStageEntry.RW.isSet(entry) ? Access.WRITE : 0)
        | (FirstStageEntry.US.isSet(entry) ? USER : 0)
        | (FirstStageEntry.XD.isSet(entry) ? 0 : Access.EXECUTE);
  }

  /** The IOVA as software writes it: canonical in the first stage. */
  long iova(long index) {
    int width = AddressBits.spanLg2(levels + 1);
    return first && width < 64 ? index << (64 - width) >> (64 - width) : index;
  }
}
