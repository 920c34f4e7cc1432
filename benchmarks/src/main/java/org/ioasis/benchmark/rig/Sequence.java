package org.ioasis.benchmark.rig;

/**
 * The pseudo-random page sequence that floors and products share: a linear congruential generator
 * whose upper bits choose the page. It runs ahead of the loads, so it costs the same few hidden
 * cycles on both sides.
 */
public final class Sequence {
  /** First state. */
  public static final long SEED = 0x9E37_79B9_7F4A_7C15L;

  private static final long MULTIPLIER = 6_364_136_223_846_793_005L;
  private static final long INCREMENT = 1_442_695_040_888_963_407L;

  private Sequence() {}

  /** The next state. */
  public static long next(long state) {
    return state * MULTIPLIER + INCREMENT;
  }

  /** A number below {@code 2^bits} from a state; {@code bits} is 1 to 63. */
  public static long pick(long state, int bits) {
    return state >>> (64 - bits);
  }
}
