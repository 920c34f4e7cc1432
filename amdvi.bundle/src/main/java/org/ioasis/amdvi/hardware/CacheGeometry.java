package org.ioasis.amdvi.hardware;

import java.util.Map;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.machine.Profile;

/**
 * Sizes of a unit's caches, from the parameters of its profile.
 *
 * @param iotlb entries of the IOTLB, parameter {@value #IOTLB}
 * @param walk entries of the walk cache, parameter {@value #WALK}
 * @param device entries of the cache of device table entries, parameter {@value #DEVICE}; 0 fetches
 *     the entry for every request
 * @param pasid entries of the cache of v2 roots, parameter {@value #PASID}
 * @param interrupt entries of the cache of interrupt entries, parameter {@value #INTERRUPT}
 * @param tags nodes of the tag tree that can be in use at a time, parameter {@value #TAGS}
 * @param tagBits width of a tag id, parameter {@value #TAG_BITS}
 */
record CacheGeometry(
    int iotlb, int walk, int device, int pasid, int interrupt, int tags, int tagBits) {
  /** Names of the parameters. */
  static final String IOTLB = "iotlb.entries",
      WALK = "walkcache.entries",
      DEVICE = "devicecache.entries",
      PASID = "pasidcache.entries",
      INTERRUPT = "interruptcache.entries",
      TAGS = "tags.nodes",
      TAG_BITS = "tags.bits";

  /** What a profile gets that states nothing. */
  static final CacheGeometry DEFAULT = new CacheGeometry(512, 256, 64, 256, 256, 512, 24);

  /** The parameters with their defaults; a factory refuses names that nobody knows. */
  static final Map<String, Long> PARAMETERS =
      Map.of(
          IOTLB, (long) DEFAULT.iotlb,
          WALK, (long) DEFAULT.walk,
          DEVICE, (long) DEFAULT.device,
          PASID, (long) DEFAULT.pasid,
          INTERRUPT, (long) DEFAULT.interrupt,
          TAGS, (long) DEFAULT.tags,
          TAG_BITS, (long) DEFAULT.tagBits);

  private static final int LARGEST = 1 << 22;

  /**
   * Checks the sizes.
   *
   * @throws IoasisException INVALID naming the parameter
   */
  CacheGeometry {
    check(IOTLB, iotlb);
    check(WALK, walk);
    if (device != 0) {
      check(DEVICE, device);
    }
    check(PASID, pasid);
    check(INTERRUPT, interrupt);
    check(TAGS, tags);
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
  static CacheGeometry of(Profile profile) {
    return new CacheGeometry(
        number(profile, IOTLB),
        number(profile, WALK),
        number(profile, DEVICE),
        number(profile, PASID),
        number(profile, INTERRUPT),
        number(profile, TAGS),
        number(profile, TAG_BITS));
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
