package org.ioasis.capture.file;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes segments disjoint. Cores of running kernels state some memory twice, once as RAM and once
 * as the kernel's text; that is harmless as long as both say the same, and only then.
 */
final class Overlaps {
  /** Most bytes that are compared; a kernel's text is far smaller. */
  private static final long MOST = 1L << 28;

  private static final int CHUNK = 1 << 16;

  private final ByteSource source;
  private long compared;

  private Overlaps(ByteSource source) {
    this.source = source;
  }

  /**
   * The same memory without overlaps.
   *
   * @param sorted in order of address
   * @throws org.ioasis.api.IoasisException MALFORMED if two segments differ about a byte
   */
  static List<Segment> removed(ByteSource source, List<Segment> sorted) {
    Overlaps overlaps = new Overlaps(source);
    List<Segment> disjoint = new ArrayList<>();
    for (Segment segment : sorted) {
      Segment before = disjoint.isEmpty() ? null : disjoint.get(disjoint.size() - 1);
      if (before == null || segment.address() > before.last()) {
        disjoint.add(segment);
        continue;
      }
      long last = Math.min(before.last(), segment.last());
      overlaps.check(before, segment, last);
      if (segment.last() > last) {
        disjoint.add(rest(segment, last + 1));
      }
    }
    return disjoint;
  }

  private static Segment rest(Segment segment, long from) {
    long skipped = from - segment.address();
    return new Segment(
        from,
        segment.offset() + Math.min(skipped, segment.fileBytes()),
        Math.max(0, segment.fileBytes() - skipped),
        segment.memoryBytes() - skipped);
  }

  /** Compares what two segments say about the second one's address up to {@code last}. */
  private void check(Segment before, Segment segment, long last) {
    long length = last - segment.address() + 1;
    long into = segment.address() - before.address();
    boolean inFile = length <= segment.fileBytes() && into + length <= before.fileBytes();
    long offset = before.offset() + into;
    boolean same =
        inFile && (offset == segment.offset() || equal(offset, segment.offset(), length));
    if (!same) {
      throw Broken.malformed(
          source.name(),
          "program headers",
          ("physical memory 0x%x..0x%x and 0x%x..0x%x overlap and do not say the same;"
                  + " a core of a process has no physical addresses, dump the machine")
              .formatted(before.address(), before.last(), segment.address(), segment.last()));
    }
  }

  private boolean equal(long one, long other, long length) {
    compared += length;
    if (compared > MOST) {
      return false;
    }
    for (long done = 0; done < length; done += CHUNK) {
      int some = (int) Math.min(CHUNK, length - done);
      ByteBuffer here = source.slice(one + done, some);
      if (!here.equals(source.slice(other + done, some))) {
        return false;
      }
    }
    return true;
  }
}
