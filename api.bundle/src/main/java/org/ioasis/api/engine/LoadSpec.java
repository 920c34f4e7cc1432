package org.ioasis.api.engine;

import org.ioasis.api.machine.DmaRequest;

/**
 * A load: every page of a range is written with a pattern that only this load makes, read back, and
 * compared byte for byte, again and again.
 *
 * @param pasid PASID, or {@link DmaRequest#NO_PASID}
 * @param iova first address, a multiple of 8
 * @param length bytes, a multiple of {@code bytesPerAccess}; nobody else writes them
 * @param bytesPerAccess 8 to 4096, a power of two
 * @param accessesPerSecond pace, 0 for none
 * @param seed of the pattern and of the order of pages
 */
public record LoadSpec(
    int pasid, long iova, long length, int bytesPerAccess, long accessesPerSecond, long seed) {
  private static final int LEAST = 8, MOST = 4096;

  /** Checks sizes and pace. */
  public LoadSpec {
    if (bytesPerAccess < LEAST || bytesPerAccess > MOST || Integer.bitCount(bytesPerAccess) != 1) {
      throw new IllegalArgumentException(
          "load: bytesPerAccess %d is no power of two from %d to %d"
              .formatted(bytesPerAccess, LEAST, MOST));
    }
    if (length < bytesPerAccess || length % bytesPerAccess != 0 || iova % bytesPerAccess != 0) {
      throw new IllegalArgumentException(
          "load: iova 0x%x or length 0x%x is no multiple of %d bytes"
              .formatted(iova, length, bytesPerAccess));
    }
    if (accessesPerSecond < 0) {
      throw new IllegalArgumentException(
          "load: accessesPerSecond %d is negative".formatted(accessesPerSecond));
    }
  }

  /** A load without PASID and pace in accesses of 64 bytes. */
  public static LoadSpec of(long iova, long length, long seed) {
    return new LoadSpec(DmaRequest.NO_PASID, iova, length, 64, 0, seed);
  }
}
