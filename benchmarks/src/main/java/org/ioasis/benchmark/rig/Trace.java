package org.ioasis.benchmark.rig;

/**
 * A mixed trace of DMA, the same for ideal and product: runs of 16 requests of one device, four
 * devices. Of the runs 10 in 16 walk a ring of 64 pages in order, 4 in 16 stream through a buffer
 * of 2,048 pages, eight requests to a page, 2 in 16 hit any page of {@link Footprint#L2} at random.
 *
 * <p>A request is packed into one word: the IOVA in 63:12, the offset in the page in 11:3, whether
 * it writes in bit 0. The device is that of the run.
 */
public final class Trace {
  /** Devices in the trace. */
  public static final int DEVICES = 4;

  /** Requests of one device in a row; they share a burst. */
  public static final int RUN = 16;

  /** Runs in the trace. */
  public static final int RUNS = 1 << 12;

  private static final long PAGE_MASK = -4096L;
  private static final int RING_PAGES = 64;
  private static final int STREAM_PAGES = 2048;
  private static final int PER_PAGE = 8;
  private static final int OUT_OF = 4;
  private static final int RING_SHARE = 10, STREAM_SHARE = 14;

  private Trace() {}

  /** All requests, run after run. */
  public static long[] requests() {
    long[] requests = new long[RUNS * RUN];
    long state = Sequence.SEED;
    int ring = 0;
    int stream = 0;
    for (int run = 0; run < RUNS; run++) {
      state = Sequence.next(state);
      long kind = Sequence.pick(state, OUT_OF);
      for (int i = 0; i < RUN; i++) {
        state = Sequence.next(state);
        long page;
        if (kind < RING_SHARE) {
          page = ring++ % RING_PAGES;
        } else if (kind < STREAM_SHARE) {
          page = (long) RING_PAGES + stream++ / PER_PAGE % STREAM_PAGES;
        } else {
          page = Sequence.pick(state, Footprint.L2.pagesLg2());
        }
        long offset = (state & 0x1FF) << 3;
        requests[run * RUN + i] = Footprint.iova(page) | offset | (state >>> 20 & 1);
      }
    }
    return requests;
  }

  /** The device of each run. */
  public static int[] devices() {
    int[] devices = new int[RUNS];
    long state = ~Sequence.SEED;
    for (int run = 0; run < RUNS; run++) {
      state = Sequence.next(state);
      devices[run] = (int) Sequence.pick(state, 2);
    }
    return devices;
  }

  /** The IOVA of a request, offset included. */
  public static long iova(long request) {
    return request & (PAGE_MASK | 0xFF8);
  }

  /** Whether a request writes. */
  public static boolean isWrite(long request) {
    return (request & 1) != 0;
  }
}
