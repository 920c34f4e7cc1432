package org.ioasis.vtd.driver;

import java.nio.LongBuffer;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.SyncResult;

/**
 * A batch of changes to one page table. Under caching mode it also gathers what {@link #map} adds
 * to a second stage, since refusals may be cached then.
 *
 * <p><b>Threading:</b> one thread at a time.
 */
final class VtdBatch implements DomainBatch {
  private final VtdDomain domain;
  private final DriverCore core;
  private final PageTable table;
  private final TableFormat format;
  private final Mapper mapper;
  private final Gather gather = new Gather();
  private final DescriptorList list = new DescriptorList();
  private final boolean gathersMaps;
  private boolean stored;

  VtdBatch(VtdDomain domain, PageTable table) {
    this.domain = domain;
    this.core = domain.core();
    this.table = table;
    this.format = table.format();
    this.mapper = new Mapper(table);
    this.gathersMaps = core.claims().cachingMode() && format.stage() == 2;
  }

  @Override
  public long map(long iova, long address, long length, int rights) {
    checkMap(iova, length, 12, rights);
    checkOutput(address, length, 12);
    enter("map");
    try {
      long mapped = length == 0 ? 0 : mapper.map(iova, address, length, rights);
      return mapped(iova, mapped);
    } finally {
      core.gate().leave();
    }
  }

  @Override
  public long mapPages(long iova, int pageLg2, LongBuffer addresses, int rights) {
    if (pageLg2 < 12 || pageLg2 > 30 || (format.pageSizes() >>> pageLg2 & 1) == 0) {
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
      core.gate().leave();
    }
  }

  private long mapped(long iova, long bytes) {
    stored |= bytes != 0;
    if (gathersMaps && bytes != 0) {
      gather.add(iova, iova + bytes - 1);
    }
    return bytes;
  }

  private void checkMap(long iova, long length, int lg2, int rights) {
    checkRights("map", iova, rights);
    if (((iova | length) & (1L << lg2) - 1) != 0 || length < 0) {
      throw invalid("map", iova, "address or length 0x%x is no multiple of 2^%d", length, lg2);
    }
    if (Long.compareUnsigned(iova, format.last()) > 0 || length - 1 > format.last() - iova) {
      throw invalid("map", iova, "length 0x%x leaves the window 0..0x%x", length, format.last());
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
      throw invalid(
          what, iova, "rights 0x%x cannot be expressed by stage %d", rights, format.stage());
    }
  }

  private IoasisException invalid(String what, long at, String why, Object... values) {
    return new IoasisException(
        Reason.INVALID,
        "%s refused at 0x%x in domain 0x%x of unit %s: "
                .formatted(what, at, domain.did(), core.unitId())
            + why.formatted(values));
  }

  private void enter(String what) {
    core.gate().enter(what);
    if (domain.isClosed()) {
      core.gate().leave();
      throw new IoasisException(
          Reason.GONE,
          "%s refused: domain 0x%x of unit %s is closed"
              .formatted(what, domain.did(), core.unitId()));
    }
  }

  private static final long GRANULE_MASK = 0xFFF;

  private void checkRange(String what, IovaRange range) {
    if ((range.first() & GRANULE_MASK) != 0 || (range.last() & GRANULE_MASK) != GRANULE_MASK) {
      throw invalid(what, range.first(), "range %s is not of whole 4 KiB pages", range);
    }
  }

  private boolean isOutside(IovaRange range) {
    return Long.compareUnsigned(range.first(), format.last()) > 0;
  }

  private long clipped(IovaRange range) {
    return Long.compareUnsigned(range.last(), format.last()) > 0 ? format.last() : range.last();
  }

  @Override
  public long unmap(IovaRange range) {
    checkRange("unmap", range);
    enter("unmap");
    try {
      return isOutside(range) ? 0 : table.unmap(range.first(), clipped(range), gather);
    } finally {
      core.gate().leave();
    }
  }

  @Override
  public long protect(IovaRange range, int rights) {
    checkRange("protect", range);
    checkRights("protect", range.first(), rights);
    enter("protect");
    try {
      return isOutside(range) ? 0 : table.protect(range.first(), clipped(range), rights, gather);
    } finally {
      core.gate().leave();
    }
  }

  @Override
  public Reason shortfall() {
    return mapper.shortfall();
  }

  @Override
  public SyncResult sync() {
    enter("sync");
    try {
      mapper.forget();
      if (gather.isEmpty()) {
        if (stored && core.claims().writeBuffers()) {
          core.unit().flushWriteBuffers();
        }
        stored = false;
        return SyncResult.COMPLETE;
      }
      table.pages().barrier(); // the tables change before it is read who uses them
      int[] places = domain.places();
      if (places.length > 0) {
        list.clear();
        gather.describe(
            list, domain.did(), domain.isFirstStage(), places, core.claims().addressMask());
        core.ring().run(list);
      }
      gather.release(table.pages());
      stored = false;
      return SyncResult.COMPLETE;
    } finally {
      core.gate().leave();
    }
  }
}
