package org.ioasis.vtd.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.NestedDomain;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.vtd.format.AddressBits;
import org.ioasis.vtd.format.DeviceTlbRange;

/**
 * The invalidation side of a nested domain. Records are the kernel&#39;s structure for VT-d:
 *
 * <pre>
 *  0 addr (64 bits) | 8 npages (64) | 16 flags (32): 1 LEAF | 20 reserved (32)
 * </pre>
 *
 * <p>{@code npages} all ones, with address 0, is everything. A range becomes naturally aligned
 * blocks that the unit&#39;s address mask covers, or everything of the PASID if those are many.
 * VT-d, "PASID-based IOTLB Invalidate".
 *
 * <p><b>Threading:</b> any thread; {@code this} keeps records in order.
 */
final class UserInvalidation implements NestedDomain {
  /** Type of the records. */
  static final String TYPE = "vtd.s1-invalidate";

  private static final int BYTES = 24;
  private static final int LEAF = 1;
  private static final long ALL = -1;
  private static final int MOST_BLOCKS = 16;
  private static final long PAGE_MASK = (1L << AddressBits.PAGE_LG2) - 1;

  private final VtdDomain domain;
  private final DriverCore core;
  private final DescriptorList list = new DescriptorList();

  UserInvalidation(VtdDomain domain) {
    this.domain = domain;
    this.core = domain.core();
  }

  @Override
  public List<String> types() {
    return List.of(TYPE);
  }

  @Override
  public BatchResult invalidate(Blob records, int recordBytes) {
    if (!records.type().equals(TYPE)) {
      throw refuse(Reason.UNSUPPORTED, "records are %s, not %s", records.type(), TYPE);
    }
    ByteBuffer bytes = records.bytes().order(ByteOrder.LITTLE_ENDIAN);
    if (recordBytes < BYTES || bytes.remaining() % recordBytes != 0) {
      throw refuse(
          Reason.INVALID,
          "%d bytes are no records of %d, at least %d",
          bytes.remaining(),
          recordBytes,
          BYTES);
    }
    core.gate().enter("invalidation by the user");
    try {
      return processAll(bytes, recordBytes);
    } finally {
      core.gate().leave();
    }
  }

  private synchronized BatchResult processAll(ByteBuffer bytes, int recordBytes) {
    if (domain.isClosed()) {
      throw refuse(Reason.GONE, "it is closed");
    }
    int count = bytes.remaining() / recordBytes;
    for (int done = 0; done < count; done++) {
      ByteBuffer one = bytes.slice(done * recordBytes, recordBytes).order(ByteOrder.LITTLE_ENDIAN);
      BatchResult end = process(one, done);
      if (end != null) {
        return end;
      }
    }
    return BatchResult.all(count);
  }

  /** Processes one record; null if it was done. */
  private BatchResult process(ByteBuffer record, int done) {
    long address = record.getLong();
    long pages = record.getLong();
    int flags = record.getInt();
    int reserved = record.getInt();
    while (record.hasRemaining()) {
      if (record.get() != 0) {
        return end(done, Reason.TOO_LARGE, "it goes on behind byte " + BYTES);
      }
    }
    if ((flags & ~LEAF) != 0 || reserved != 0) {
      return end(
          done, Reason.UNSUPPORTED, "flags 0x%x or reserved 0x%x".formatted(flags, reserved));
    }
    if ((address & PAGE_MASK) != 0 || (pages == ALL && address != 0)) {
      return end(
          done,
          Reason.INVALID,
          "address 0x%x is no page, or not 0 with all pages".formatted(address));
    }
    if (pages == 0) {
      return null;
    }
    try {
      SyncResult result = submit(address, pages, (flags & LEAF) != 0);
      if (result.complete()) {
        return null;
      }
      int device = result.unanswered().get(0);
      return new BatchResult(
          done,
          Reason.TIMED_OUT,
          "invalidation %d of domain 0x%x: device 0x%04x did not answer and was isolated"
              .formatted(done, domain.did(), device),
          device);
    } catch (IoasisException e) {
      return new BatchResult(done, e.reason(), e.getMessage(), 0);
    }
  }

  private SyncResult submit(long address, long pages, boolean leaf) {
    List<Place> places = domain.places();
    if (places.isEmpty()) {
      return SyncResult.COMPLETE;
    }
    list.clear();
    if (pages == ALL || Long.compareUnsigned(pages, 1L << 52) >= 0 || blocks(address, pages) < 0) {
      for (int tag : domain.tags()) {
        list.pasidIotlb(domain.did(), tag);
      }
      TableInvalidation.addDevices(core, list, places, 0, DeviceTlbRange.ALL_LG2);
    } else {
      addBlocks(address, pages, leaf, places);
    }
    return core.run(list);
  }

  /** log2 of the pages of the largest aligned block at the start of a range that the unit takes. */
  private int mask(long address, long pages) {
    int aligned = Long.numberOfTrailingZeros(address >>> AddressBits.PAGE_LG2);
    int most = Math.min(core.claims().addressMask(), 63 - Long.numberOfLeadingZeros(pages));
    return Math.min(aligned, most);
  }

  /** How many blocks a range has; -1 if they are too many or the unit takes none. */
  private int blocks(long address, long pages) {
    int blocks = 0;
    long at = address;
    for (long left = pages; left > 0; blocks++) {
      int mask = mask(at, left);
      if (mask < 0 || blocks == MOST_BLOCKS) {
        return -1;
      }
      at += 1L << (mask + AddressBits.PAGE_LG2);
      left -= 1L << mask;
    }
    return blocks;
  }

  private void addBlocks(long address, long pages, boolean leaf, List<Place> places) {
    long at = address;
    for (long left = pages; left > 0; ) {
      int mask = mask(at, left);
      for (int tag : domain.tags()) {
        list.pasidIotlbPages(domain.did(), tag, at, mask, leaf);
      }
      at += 1L << (mask + AddressBits.PAGE_LG2);
      left -= 1L << mask;
    }
    long last = address + (pages << AddressBits.PAGE_LG2) - 1;
    int sizeLg2 = Math.max(AddressBits.PAGE_LG2, 64 - Long.numberOfLeadingZeros(address ^ last));
    TableInvalidation.addDevices(core, list, places, address, sizeLg2);
  }

  private BatchResult end(int done, Reason reason, String why) {
    return new BatchResult(
        done,
        reason,
        "invalidation %d of domain 0x%x of unit %s refused: %s"
            .formatted(done, domain.did(), core.unitId(), why),
        0);
  }

  private IoasisException refuse(Reason reason, String why, Object... values) {
    return new IoasisException(
        reason,
        "invalidation of domain 0x%x of unit %s refused: ".formatted(domain.did(), core.unitId())
            + why.formatted(values));
  }
}
