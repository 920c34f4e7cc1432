package org.ioasis.kit.driver;

import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DirtySink;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.SyncResult;

/**
 * A batch of changes to one page table: the checks, the gate, the order of a sync. The vendor&#39;s
 * part is its {@link TableOwner}.
 *
 * <p>The order: stores, barrier, invalidations of unit and devices, their completion, frames back.
 *
 * <p><b>Threading:</b> one thread at a time; several batches on disjoint ranges at once.
 */
public final class TableBatch implements DomainBatch {
  private final TableOwner owner;
  private final Gate.Door door;
  private final PageTable table;
  private final TableFormat format;
  private final Mapper mapper;
  private final Editor editor;
  private final Gather gather = new Gather();
  private final boolean gathersMaps;
  private final boolean breaksFirst;
  private final long last;
  private final Set<Integer> unanswered = new LinkedHashSet<>();
  private boolean stored;

  /** A batch. */
  public TableBatch(TableOwner owner, Gate gate, PageTable table) {
    this.owner = owner;
    this.door = gate.door();
    this.table = table;
    this.format = table.format();
    this.mapper = new Mapper(table);
    this.editor = new Editor(table, gather, this::invalidateNow);
    this.gathersMaps = owner.gathersMaps();
    this.breaksFirst = breaksAnywhere(table);
    this.last = table.last();
  }

  private static boolean breaksAnywhere(PageTable table) {
    TableFormat format = table.format();
    for (int lg2 = format.outputBits(); lg2 >= 0; lg2--) {
      if ((format.pageSizes() >>> lg2 & 1) != 0) {
        int level = table.levelOf(lg2);
        if (format.breaksFirst(level, lg2 - table.spanLg2(level))) {
          return true;
        }
      }
    }
    return false;
  }

  @Override
  public long map(long iova, long address, long length, int rights) {
    int granuleLg2 = Long.numberOfTrailingZeros(format.pageSizes());
    checkMap(iova, length, granuleLg2, rights);
    checkOutput(address, length, granuleLg2);
    enter("map");
    try {
      return length == 0 ? 0 : mapped(iova, mapper.map(iova, address, length, rights));
    } finally {
      door.leave();
    }
  }

  @Override
  public long mapPages(long iova, int pageLg2, LongBuffer addresses, int rights) {
    if (pageLg2 < 0 || pageLg2 > 63 || (format.pageSizes() >>> pageLg2 & 1) == 0) {
      throw invalid("map", iova, "page size 2^%d is not in 0x%x", pageLg2, format.pageSizes());
    }
    checkMap(iova, (long) addresses.remaining() << pageLg2, pageLg2, rights);
    for (int i = addresses.position(); i < addresses.limit(); i++) {
      checkOutput(addresses.get(i), 1L << pageLg2, pageLg2);
    }
    enter("map");
    try {
      return mapped(iova, mapper.mapPages(iova, pageLg2, addresses, rights));
    } finally {
      door.leave();
    }
  }

  private long mapped(long iova, long bytes) {
    stored |= bytes != 0;
    if (gathersMaps && bytes != 0) {
      gather.add(iova, iova + bytes - 1, Long.numberOfTrailingZeros(format.pageSizes()));
    }
    return bytes;
  }

  private void checkMap(long iova, long length, int lg2, int rights) {
    checkRights("map", iova, rights);
    if (((iova | length) & (1L << lg2) - 1) != 0 || length < 0) {
      throw invalid("map", iova, "address or length 0x%x is no multiple of 2^%d", length, lg2);
    }
    if (Long.compareUnsigned(iova, last) > 0 || length - 1 > last - iova) {
      throw invalid("map", iova, "length 0x%x leaves the window 0..0x%x", length, last);
    }
  }

  private void checkOutput(long address, long length, int lg2) {
    long end = 1L << format.outputBits();
    if ((address & (1L << lg2) - 1) != 0 || address < 0 || address > end - length) {
      throw invalid(
          "map",
          address,
          "as a physical address, with length 0x%x, is misaligned or beyond %d bits",
          length,
          format.outputBits());
    }
  }

  private void checkRights(String what, long iova, int rights) {
    if (!format.expresses(rights)) {
      throw invalid(what, iova, "rights 0x%x cannot be expressed by the format", rights);
    }
  }

  private IoasisException invalid(String what, long at, String why, Object... values) {
    return new IoasisException(
        Reason.INVALID,
        "%s refused at 0x%x in %s: ".formatted(what, at, owner.name()) + why.formatted(values));
  }

  private void enter(String what) {
    door.enter(what);
    checkOpen(what);
  }

  /** Enters for work that may wait for the unit. */
  private void enterToWait(String what) {
    door.enterToWait(what);
    checkOpen(what);
  }

  private void enterToEdit(String what) {
    if (breaksFirst) {
      enterToWait(what);
    } else {
      enter(what);
    }
  }

  private void checkOpen(String what) {
    if (owner.isClosed()) {
      door.leave();
      throw new IoasisException(
          Reason.GONE, "%s refused: %s is closed".formatted(what, owner.name()));
    }
  }

  private void checkRange(String what, IovaRange range) {
    long mask = Long.lowestOneBit(format.pageSizes()) - 1;
    if ((range.first() & mask) != 0 || (range.last() & mask) != mask) {
      throw invalid(what, range.first(), "range %s is not of whole pages of 0x%x", range, mask + 1);
    }
  }

  private boolean isOutside(IovaRange range) {
    return Long.compareUnsigned(range.first(), last) > 0;
  }

  private long clipped(IovaRange range) {
    return Long.compareUnsigned(range.last(), last) > 0 ? last : range.last();
  }

  @Override
  public long unmap(IovaRange range) {
    checkRange("unmap", range);
    enterToEdit("unmap");
    try {
      return isOutside(range) ? 0 : editor.unmap(range.first(), clipped(range));
    } finally {
      door.leave();
    }
  }

  @Override
  public long protect(IovaRange range, int rights) {
    checkRange("protect", range);
    checkRights("protect", range.first(), rights);
    enterToEdit("protect");
    try {
      return isOutside(range) ? 0 : editor.protect(range.first(), clipped(range), rights);
    } finally {
      door.leave();
    }
  }

  /**
   * Tells the written pages of a range, outside the gate. If marks are taken away, a sync comes
   * first, so that later writes are marked again.
   *
   * @param clear whether to take the marks of pages away that lie wholly in the range
   */
  public SyncResult readWritten(IovaRange range, boolean clear, DirtySink sink) {
    checkRange("dirty tracking", range);
    List<IovaRange> runs = new ArrayList<>();
    enterToWait("dirty tracking");
    try {
      if (!isOutside(range)) {
        editor.readWritten(
            range.first(),
            clipped(range),
            clear,
            (iova, length) -> runs.add(IovaRange.of(iova, length)));
      }
    } finally {
      door.leave();
    }
    SyncResult result = clear ? sync() : SyncResult.COMPLETE;
    runs.forEach(run -> sink.dirty(run.first(), run.last() - run.first() + 1));
    return result;
  }

  @Override
  public Reason shortfall() {
    return mapper.shortfall();
  }

  /** Invalidates what was gathered, in the middle of a change; the gate is held. */
  private void invalidateNow() {
    table.pages().barrier(); // the tables change before it is read who uses them
    unanswered.addAll(owner.invalidate(gather).unanswered());
    gather.invalidated();
  }

  @Override
  public SyncResult sync() {
    enterToWait("sync");
    try {
      mapper.forget();
      if (!gather.isEmpty()) {
        invalidateNow();
        gather.release(table.frames()::free);
      } else if (stored) {
        owner.flushStores();
      }
      stored = false;
      return result();
    } finally {
      door.leave();
    }
  }

  private SyncResult result() {
    if (unanswered.isEmpty()) {
      return SyncResult.COMPLETE;
    }
    SyncResult result = new SyncResult(List.copyOf(unanswered));
    unanswered.clear();
    return result;
  }
}
