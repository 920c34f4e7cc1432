package org.ioasis.capture.file;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.memory.MemoryBacking;
import org.ioasis.api.memory.MemoryRegion;

/**
 * Physical memory as a file has it: segments in order of address over a source of bytes. What no
 * segment holds reads 0.
 *
 * <p><b>Threading:</b> {@link #fill} from any thread, also concurrently, until {@link #close}.
 */
public final class MemoryImage implements MemoryBacking, AutoCloseable {
  private static final long PAGE_MASK = 0xFFF;

  private final ByteSource source;
  private final int machine;
  private final List<Segment> segments;

  /**
   * @param source the file; closed with the image
   * @param machine e_machine of an ELF file, 0 if the file does not say
   * @param segments in order of address, not overlapping, inside the source
   */
  MemoryImage(ByteSource source, int machine, List<Segment> segments) {
    this.source = source;
    this.machine = machine;
    this.segments = List.copyOf(segments);
  }

  /** e_machine, 0 if the file does not say. */
  public int machine() {
    return machine;
  }

  /** The runs of memory in order of address. */
  public List<Segment> segments() {
    return segments;
  }

  /** The file, for messages. */
  public String name() {
    return source.name();
  }

  @Override
  public void fill(long address, ByteBuffer into) {
    int start = into.position();
    long last = address + into.remaining() - 1;
    for (int i = firstEndingAtOrAfter(address); i < segments.size(); i++) {
      Segment segment = segments.get(i);
      if (segment.address() > last) {
        return;
      }
      long from = Math.max(address, segment.address());
      long end = Math.min(last + 1, segment.address() + segment.fileBytes());
      if (from < end) {
        ByteBuffer part = into.slice(start + (int) (from - address), (int) (end - from));
        source.read(segment.offset() + (from - segment.address()), part);
      }
    }
  }

  private int firstEndingAtOrAfter(long address) {
    int low = 0;
    int high = segments.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (segments.get(middle).last() < address) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /**
   * The RAM of the machine this is the memory of, backed by this image.
   *
   * @param ram where RAM is, if that is known; else the segments say it, rounded out to pages
   */
  public List<MemoryRegion> regions(List<Range> ram) {
    List<MemoryRegion> regions = new ArrayList<>();
    for (Range range : ram.isEmpty() ? pages() : ram) {
      regions.add(new MemoryRegion(range.base(), range.last(), this));
    }
    return regions;
  }

  /** Bytes of the segments that lie outside the given RAM. */
  public long outside(List<Range> ram) {
    long outside = 0;
    for (Segment segment : segments) {
      outside += segment.memoryBytes();
      for (Range range : ram) {
        long from = Math.max(segment.address(), range.base());
        long last = Math.min(segment.last(), range.last());
        outside -= Math.max(0, last - from + 1);
      }
    }
    return outside;
  }

  private List<Range> pages() {
    List<Range> ranges = new ArrayList<>();
    for (Segment segment : segments) {
      long base = segment.address() & ~PAGE_MASK;
      long last = segment.last() | PAGE_MASK;
      int end = ranges.size() - 1;
      if (end >= 0 && base <= ranges.get(end).last() + 1) {
        ranges.set(end, new Range(ranges.get(end).base(), last));
      } else {
        ranges.add(new Range(base, last));
      }
    }
    return ranges;
  }

  @Override
  public void close() {
    source.close();
  }
}
