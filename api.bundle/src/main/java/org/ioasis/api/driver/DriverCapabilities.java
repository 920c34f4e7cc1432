package org.ioasis.api.driver;

import java.util.Objects;
import java.util.Set;
import org.ioasis.api.Blob;

/**
 * What identification registers and driver allow, read once when the driver is made.
 *
 * @param kind kind of unit
 * @param features what can be asked for
 * @param pageSizes sizes of leaf pages any domain can have, bit n set for 2^n bytes
 * @param inputBits widest IOVA of a domain, in bits
 * @param outputBits widest physical address, in bits
 * @param pasidBits width of PASIDs, 0 to 20; 0 without PASIDs
 * @param coherentWalks whether the unit's walker sees stores that were not cleaned
 * @param maxDomains how many domains can exist at once
 * @param hardwareInfo identification registers as the kernel's hardware-info structure of this kind
 */
public record DriverCapabilities(
    String kind,
    Set<DriverFeature> features,
    long pageSizes,
    int inputBits,
    int outputBits,
    int pasidBits,
    boolean coherentWalks,
    int maxDomains,
    Blob hardwareInfo) {
  /** Copies the set and checks the width of PASIDs. */
  public DriverCapabilities {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(hardwareInfo, "hardwareInfo");
    features = Set.copyOf(features);
    if (pasidBits < 0 || pasidBits > 20) {
      throw new IllegalArgumentException(
          "capabilities of %s: pasidBits %d is not 0 to 20".formatted(kind, pasidBits));
    }
  }

  /** Whether this can be asked for. */
  public boolean has(DriverFeature feature) {
    return features.contains(feature);
  }
}
