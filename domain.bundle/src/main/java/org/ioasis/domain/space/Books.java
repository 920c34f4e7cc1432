package org.ioasis.domain.space;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.ioasis.domain.memory.Mapper;
import org.ioasis.domain.memory.Source;

/**
 * What a space knows of its mappings besides the mappings: how many lead to which source, how they
 * are aligned, and which rights they have. Answers admission without a look at them all.
 *
 * <p><b>Threading:</b> sources under the monitor, which is held while a source is begun; the counts
 * and indexes under the space's lock.
 */
final class Books {
  private static final class Use {
    long count;
    boolean wired;
  }

  private final Mapper mapper;
  private final Map<Source, Use> uses = new HashMap<>();
  private final Map<Source, OffsetIndex> indexes = new HashMap<>();
  private final long[] alignments = new long[65];
  private final long[] rights = new long[16];
  private int wirers;

  Books(Mapper mapper) {
    this.mapper = mapper;
  }

  /** One more mapping will lead to a source. */
  void retain(Source source) {
    synchronized (this) {
      Use use = uses.get(source);
      if (use == null) {
        source.map(mapper);
        use = new Use();
        uses.put(source, use);
        if (wirers > 0) {
          use.wired = true;
          source.wire(1);
        }
      }
      use.count++;
    }
  }

  /** Mappings to a source have gone. */
  void release(Source source, long count) {
    synchronized (this) {
      Use use = uses.get(source);
      use.count -= count;
      if (use.count != 0) {
        return;
      }
      uses.remove(source);
      if (use.wired) {
        source.wire(-1);
      }
    }
    source.unmap(mapper);
  }

  /** Somebody follows who cannot fault (+1), or no longer (-1). */
  synchronized void wire(int delta) {
    wirers += delta;
    uses.forEach(
        (source, use) -> {
          if (use.wired != wirers > 0) {
            use.wired = wirers > 0;
            source.wire(use.wired ? 1 : -1);
          }
        });
  }

  synchronized boolean isWired() {
    return wirers > 0;
  }

  synchronized Set<Source> sources() {
    return Set.copyOf(uses.keySet());
  }

  // ------------------------------------------------------- under the space's lock

  void added(Source source, long first, long last, long offset, int withRights) {
    count(first, last, offset, withRights, 1);
    OffsetIndex index = indexes.get(source);
    if (index != null) {
      index.add(first, offset, last - first + 1);
    }
  }

  void removed(Source source, long first, long last, long offset, int withRights) {
    count(first, last, offset, withRights, -1);
    OffsetIndex index = indexes.get(source);
    if (index != null) {
      index.remove(first, offset, last - first + 1);
      if (index.isEmpty()) {
        indexes.remove(source);
      }
    }
  }

  private void count(long first, long last, long offset, int withRights, int delta) {
    alignments[Long.numberOfTrailingZeros(first | last + 1 | offset)] += delta;
    rights[withRights & 15] += delta;
  }

  void reprotected(int from, int to) {
    rights[from & 15]--;
    rights[to & 15]++;
  }

  /** Whether every mapping is aligned to {@code 2^lg2} bytes. */
  boolean areAligned(int lg2) {
    for (int i = 0; i < lg2; i++) {
      if (alignments[i] != 0) {
        return false;
      }
    }
    return true;
  }

  /** Rights of some mapping that a format with these bits cannot have; -1 if there is none. */
  int inexpressible(int formatRights) {
    for (int i = 1; i < rights.length; i++) {
      if (rights[i] != 0 && !Bounds.expresses(formatRights, i)) {
        return i;
      }
    }
    return -1;
  }

  /** The index of a source; null until {@link #index}. */
  OffsetIndex indexOf(Source source) {
    return indexes.get(source);
  }

  /** Keeps an index of a source from now on; the caller puts in what there is. */
  OffsetIndex index(Source source) {
    OffsetIndex index = new OffsetIndex();
    indexes.put(source, index);
    return index;
  }
}
