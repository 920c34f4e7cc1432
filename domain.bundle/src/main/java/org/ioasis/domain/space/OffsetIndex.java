package org.ioasis.domain.space;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/**
 * Which mappings of a space lead to which bytes of one source: only for sources whose memory comes
 * or moves by itself. One ordered map per size class, so that those that cover a byte are among the
 * few that begin within twice its size.
 *
 * <p><b>Threading:</b> under the space's lock.
 */
final class OffsetIndex {
  private record Key(long offset, long first) {}

  private static final Comparator<Key> ORDER =
      Comparator.comparingLong(Key::offset).thenComparing(Key::first, Long::compareUnsigned);

  @SuppressWarnings({"unchecked", "rawtypes"}) // an array of maps
  private final TreeMap<Key, Long>[] classes = new TreeMap[64];

  private long size;

  boolean isEmpty() {
    return size == 0;
  }

  private static int sizeClass(long length) {
    return 63 - Long.numberOfLeadingZeros(length);
  }

  void add(long first, long offset, long length) {
    int i = sizeClass(length);
    if (classes[i] == null) {
      classes[i] = new TreeMap<>(ORDER);
    }
    if (classes[i].put(new Key(offset, first), length) == null) {
      size++;
    }
  }

  void remove(long first, long offset, long length) {
    TreeMap<Key, Long> map = classes[sizeClass(length)];
    if (map != null && map.remove(new Key(offset, first)) != null) {
      size--;
    }
  }

  /** The parts of mappings that lead to a part of the source: pairs of first and last address. */
  List<long[]> find(long offset, long length) {
    List<long[]> found = new ArrayList<>();
    for (int i = 0; i < classes.length; i++) {
      if (classes[i] == null) {
        continue;
      }
      long back = i >= 61 ? Long.MAX_VALUE : 2L << i;
      Key from = new Key(Math.max(0, offset - back), 0);
      Key to = new Key(offset + length - 1, -1L);
      classes[i]
          .subMap(from, true, to, true)
          .forEach(
              (key, bytes) -> {
                long start = Math.max(offset, key.offset());
                long end = Math.min(offset + length, key.offset() + bytes);
                if (start < end) {
                  long at = key.first() + (start - key.offset());
                  found.add(new long[] {at, at + (end - start) - 1});
                }
              });
    }
    return found;
  }
}
