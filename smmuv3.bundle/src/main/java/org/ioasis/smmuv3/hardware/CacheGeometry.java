package org.ioasis.smmuv3.hardware;

import java.util.Map;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.machine.Profile;

/**
 * Sizes of a unit's caches, from the parameters of its profile.
 *
 * @param tlb entries of the TLB, parameter {@value #TLB}
 * @param walk entries of the walk cache, parameter {@value #WALK}
 * @param streams entries of the cache of STEs, parameter {@value #STREAMS}
 * @param contexts entries of the cache of CDs, parameter {@value #CONTEXTS}
 * @param tags nodes of the tag tree that can be in use at a time, parameter {@value #TAGS}
 * @param tagBits width of a tag id, parameter {@value #TAG_BITS}
 * @param merges 1 if a descriptor with the contiguous hint is cached for its whole group, 0 if for
 *     itself; parameter {@value #MERGES}
 */
record CacheGeometry(
    int tlb, int walk, int streams, int contexts, int tags, int tagBits, int merges) {
  /** Names of the parameters. */
  static final String TLB = "tlb.entries",
      WALK = "walkcache.entries",
      STREAMS = "stecache.entries",
      CONTEXTS = "cdcache.entries",
      TAGS = "tags.nodes",
      TAG_BITS = "tags.bits",
      MERGES = "tlb.contiguous";

  /** What a profile gets that states nothing. */
  static final CacheGeometry DEFAULT = new CacheGeometry(512, 256, 64, 256, 512, 24, 0);

  /** The parameters with their defaults; a factory refuses names that nobody knows. */
  static final Map<String, Long> PARAMETERS =
      Map.of(
          TLB, (long) DEFAULT.tlb,
          WALK, (long) DEFAULT.walk,
          STREAMS, (long) DEFAULT.streams,
          CONTEXTS, (long) DEFAULT.contexts,
          TAGS, (long) DEFAULT.tags,
          TAG_BITS, (long) DEFAULT.tagBits,
          MERGES, (long) DEFAULT.merges);

  private static final int LARGEST = 1 << 22;

  /**
   * Checks the sizes.
   *
   * @throws IoasisException INVALID naming the parameter
   */
  CacheGeometry {
    check(TLB, tlb);
    check(WALK, walk);
    check(STREAMS, streams);
    check(CONTEXTS, contexts);
    check(TAGS, tags);
    if (tagBits < 4 || tagBits > 24) {
      throw new IoasisException(
          Reason.INVALID, "profile parameter %s=%d is not 4 to 24".formatted(TAG_BITS, tagBits));
    }
    if (merges != 0 && merges != 1) {
      throw new IoasisException(
          Reason.INVALID, "profile parameter %s=%d is not 0 or 1".formatted(MERGES, merges));
    }
  }

  /**
   * The geometry that a profile states.
   *
   * @throws IoasisException INVALID naming the parameter
   */
  static CacheGeometry of(Profile profile) {
    return new CacheGeometry(
        number(profile, TLB),
        number(profile, WALK),
        number(profile, STREAMS),
        number(profile, CONTEXTS),
        number(profile, TAGS),
        number(profile, TAG_BITS),
        number(profile, MERGES));
  }

  private static int number(Profile profile, String name) {
    long value = profile.parameter(name, PARAMETERS.get(name));
    return (int) Math.max(-1, Math.min(value, Integer.MAX_VALUE));
  }

  private static void check(String name, int value) {
    if (value < 4 || value > LARGEST || Integer.bitCount(value) != 1) {
      throw new IoasisException(
          Reason.INVALID,
          "profile parameter %s=%d is no power of two from 4 to %d"
              .formatted(name, value, LARGEST));
    }
  }
}
