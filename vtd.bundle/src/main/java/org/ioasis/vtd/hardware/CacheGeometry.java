package org.ioasis.vtd.hardware;

import java.util.Map;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.machine.Profile;

/**
 * Sizes of a unit's caches, from the parameters of its profile.
 *
 * @param iotlb entries of the IOTLB, parameter {@value #IOTLB}
 * @param walk entries of the walk cache, parameter {@value #WALK}
 * @param context entries of the context-cache, parameter {@value #CONTEXT}
 * @param pasid entries of the PASID-cache, parameter {@value #PASID}
 * @param tags nodes of the tag tree that can be in use at a time, parameter {@value #TAGS}
 * @param tagBits width of a tag id, parameter {@value #TAG_BITS}
 * @param refusals second-stage pages whose refusal is remembered, parameter {@value #REFUSALS};
 *     only a unit with CAP.CM remembers refusals, of entries of devices and PASIDs too, and none if
 *     0
 */
public record CacheGeometry(
    int iotlb, int walk, int context, int pasid, int tags, int tagBits, int refusals) {
  /** Names of the parameters. */
  public static final String IOTLB = "iotlb.entries",
      WALK = "walkcache.entries",
      CONTEXT = "contextcache.entries",
      PASID = "pasidcache.entries",
      TAGS = "tags.nodes",
      TAG_BITS = "tags.bits",
      REFUSALS = "refusalcache.entries";

  /** What a profile gets that states nothing. */
  public static final CacheGeometry DEFAULT = new CacheGeometry(512, 256, 64, 256, 512, 24, 0);

  /** The parameters with their defaults; a factory refuses names that nobody knows. */
  public static final Map<String, Long> PARAMETERS =
      Map.of(
          IOTLB, (long) DEFAULT.iotlb,
          WALK, (long) DEFAULT.walk,
          CONTEXT, (long) DEFAULT.context,
          PASID, (long) DEFAULT.pasid,
          TAGS, (long) DEFAULT.tags,
          TAG_BITS, (long) DEFAULT.tagBits,
          REFUSALS, (long) DEFAULT.refusals);

  private static final int LARGEST = 1 << 22;

  /**
   * Checks the sizes.
   *
   * @throws IoasisException INVALID naming the parameter
   */
  public CacheGeometry {
    check(IOTLB, iotlb);
    check(WALK, walk);
    check(CONTEXT, context);
    check(PASID, pasid);
    check(TAGS, tags);
    if (refusals != 0) {
      check(REFUSALS, refusals);
    }
    if (tagBits < 4 || tagBits > 24) {
      throw new IoasisException(
          Reason.INVALID, "profile parameter %s=%d is not 4 to 24".formatted(TAG_BITS, tagBits));
    }
  }

  /**
   * The geometry that a profile states.
   *
   * @throws IoasisException INVALID naming the parameter
   */
  public static CacheGeometry of(Profile profile) {
    return new CacheGeometry(
        number(profile, IOTLB),
        number(profile, WALK),
        number(profile, CONTEXT),
        number(profile, PASID),
        number(profile, TAGS),
        number(profile, TAG_BITS),
        number(profile, REFUSALS));
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
