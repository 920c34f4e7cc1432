package org.ioasis.domain.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.MemorySpec;

/**
 * Memory of frames of our own, page by page: anonymous, of a file, or a copy of another source.
 *
 * <pre>
 *  63                        12 11        2    1        0
 * +----------------------------+----------+---------+---------+
 * | frame                      | 0        | shared  | present |
 * +----------------------------+----------+---------+---------+
 * </pre>
 *
 * A shared page may have other sources on its frame; it is not writable until it has been copied or
 * the others have gone.
 *
 * <p><b>Threading:</b> as {@link Source}. Page words are stored with release under the monitor and
 * loaded with acquire.
 */
class PagedSource extends Source {
  private static final int PRESENT = 1;
  private static final int SHARED = 2;
  private static final int CHUNK_LG2 = 9;
  private static final int CHUNK = 1 << CHUNK_LG2;
  private static final VarHandle PAGES = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle CHUNKS = MethodHandles.arrayElementVarHandle(long[][].class);

  private final long[][] chunks;
  private final long pages;
  private final boolean onDemand;

  PagedSource(Identity identity, boolean onDemand) {
    super(identity);
    if (length() <= 0 || length() > 1L << 52) {
      throw new IoasisException(
          Reason.INVALID,
          "source %s refused: length 0x%x is not 1 to 2^52".formatted(name(), length()));
    }
    this.onDemand = onDemand;
    pages = (length() + FrameStore.PAGE - 1) >>> FrameStore.PAGE_LG2;
    long chunkCount = (pages + CHUNK - 1) >>> CHUNK_LG2;
    if (chunkCount > 1 << 27) {
      throw new IoasisException(
          Reason.EXHAUSTED,
          "source %s refused: 0x%x bytes are too many".formatted(name(), length()));
    }
    chunks = new long[(int) chunkCount][];
  }

  /** What a page holds when it comes into being; zeros already. */
  void load(long page, long frame) {}

  @Override
  public boolean writable() {
    return true;
  }

  @Override
  public boolean onDemand() {
    return onDemand;
  }

  private long word(long page) {
    long[] chunk = (long[]) CHUNKS.getAcquire(chunks, (int) (page >>> CHUNK_LG2));
    return chunk == null ? 0 : (long) PAGES.getAcquire(chunk, (int) page & CHUNK - 1);
  }

  private void word(long page, long value) {
    int at = (int) (page >>> CHUNK_LG2);
    long[] chunk = chunks[at];
    if (chunk == null) {
      chunk = new long[CHUNK];
      CHUNKS.setRelease(chunks, at, chunk);
    }
    PAGES.setRelease(chunk, (int) page & CHUNK - 1, value);
  }

  private static boolean isPresent(long word) {
    return (word & PRESENT) != 0;
  }

  private static long frame(long word) {
    return word & -FrameStore.PAGE;
  }

  @Override
  final long addressOf(long offset) {
    if (offset < 0 || offset >= length()) {
      return ABSENT;
    }
    long word = word(offset >>> FrameStore.PAGE_LG2);
    return isPresent(word) ? frame(word) + (offset & FrameStore.PAGE - 1) : ABSENT;
  }

  @Override
  final int spanOf(long offset) {
    return FrameStore.PAGE_LG2;
  }

  @Override
  final boolean writableAt(long offset) {
    return (word(offset >>> FrameStore.PAGE_LG2) & SHARED) == 0;
  }

  @Override
  final void runsOf(long offset, long length, RunSink sink) {
    long end = Math.min(offset + length, length());
    long at = offset;
    while (at < end) {
      long page = at >>> FrameStore.PAGE_LG2;
      long word = word(page);
      long next = Math.min(end, (page + 1) << FrameStore.PAGE_LG2);
      if (isPresent(word)) {
        long expected = word + FrameStore.PAGE;
        while (next < end && word(next >>> FrameStore.PAGE_LG2) == expected) {
          next = Math.min(end, next + FrameStore.PAGE);
          expected += FrameStore.PAGE;
        }
        long address = frame(word) + (at & FrameStore.PAGE - 1);
        if (!sink.run(at, address, next - at, (word & SHARED) == 0)) {
          return;
        }
      }
      at = next;
    }
  }

  @Override
  final void fillPart(long offset, long length, boolean write, Changes changed) {
    long last = (Math.min(offset + length, length()) - 1) >>> FrameStore.PAGE_LG2;
    for (long page = offset >>> FrameStore.PAGE_LG2; page <= last; ) {
      long word = word(page);
      if (!isPresent(word)) {
        page = fillHole(page, last, changed);
      } else {
        if (write && (word & SHARED) != 0) {
          unshare(page, word, changed);
        }
        page++;
      }
    }
  }

  /** Fills absent pages from one on, as many as one block of frames serves; the page behind. */
  private long fillHole(long page, long last, Changes changed) {
    long room = 1;
    while (page + room <= last && room < 1 << 18 && !isPresent(word(page + room))) {
      room++;
    }
    int wanted = FrameStore.PAGE_LG2 + 63 - Long.numberOfLeadingZeros(room);
    long block = frames().allocate(wanted);
    long frame = frame(block);
    long count = 1L << ((int) (block & (FrameStore.PAGE - 1)) - FrameStore.PAGE_LG2);
    for (long i = 0; i < count; i++) {
      boolean loaded = false;
      try {
        load(page + i, frame + (i << FrameStore.PAGE_LG2));
        loaded = true;
      } finally {
        if (!loaded) {
          for (long rest = i; rest < count; rest++) {
            frames().release(frame + (rest << FrameStore.PAGE_LG2));
          }
        }
      }
      word(page + i, frame + (i << FrameStore.PAGE_LG2) | PRESENT);
    }
    changed.changed(page << FrameStore.PAGE_LG2, count << FrameStore.PAGE_LG2, ABSENT, false);
    return page + count;
  }

  private void unshare(long page, long word, Changes changed) {
    long frame = frame(word);
    long old = ABSENT;
    if (frames().isShared(frame)) {
      old = frame;
      frame = frames().copyOf(frame);
    }
    word(page, frame | PRESENT);
    changed.changed(page << FrameStore.PAGE_LG2, FrameStore.PAGE, old, true);
  }

  /**
   * Makes this source hold what another one holds now: shared page by page, or copied at once where
   * the original may be written without a fault.
   */
  final void copyFrom(Source original) {
    if (original instanceof PagedSource paged) {
      if (paged.spec() instanceof MemorySpec.File) {
        paged.fill(0, paged.length(), false);
      }
      if (paged.sharePagesWith(this)) {
        original.tell(0, length(), true);
      }
      return;
    }
    original.runs(
        0,
        length(),
        (offset, address, bytes, writable) -> {
          for (long at = 0; at < bytes; at += FrameStore.PAGE) {
            long frame = frames().copyOf(address + at);
            word((offset + at) >>> FrameStore.PAGE_LG2, frame | PRESENT);
          }
          return true;
        });
  }

  /** Gives a new copy all pages; whether pages of ours that were writable no longer are. */
  private synchronized boolean sharePagesWith(PagedSource copy) {
    boolean lost = false;
    for (long page = 0; page < pages; page++) {
      if (chunks[(int) (page >>> CHUNK_LG2)] == null) {
        page |= CHUNK - 1;
        continue;
      }
      long word = word(page);
      if (isPresent(word)) {
        if (isWired() && (word & SHARED) == 0) {
          copy.word(page, frames().copyOf(frame(word)) | PRESENT);
        } else {
          frames().share(frame(word));
          lost |= (word & SHARED) == 0;
          word(page, word | SHARED);
          copy.word(page, word | SHARED);
        }
      }
    }
    return lost;
  }

  @Override
  void giveUp() {
    for (long page = 0; page < pages; page++) {
      if (chunks[(int) (page >>> CHUNK_LG2)] == null) {
        page |= CHUNK - 1;
        continue;
      }
      long word = word(page);
      if (isPresent(word)) {
        word(page, 0);
        frames().release(frame(word));
      }
    }
  }

  /** Tells each page that is present. */
  final void forEachPage(java.util.function.BiConsumer<Long, Long> sink) {
    for (long page = 0; page < pages; page++) {
      long word = word(page);
      if (isPresent(word)) {
        sink.accept(page, frame(word));
      }
    }
  }

  @Override
  final Object leaveMemory() {
    return chunks;
  }

  @Override
  final void takeMemory(Object left) {
    long[][] taken = (long[][]) left;
    System.arraycopy(taken, 0, chunks, 0, Math.min(taken.length, chunks.length));
  }
}
