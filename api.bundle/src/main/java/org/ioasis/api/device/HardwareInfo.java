package org.ioasis.api.device;

import java.util.Objects;
import java.util.Set;
import org.ioasis.api.Blob;

/**
 * What a user may know of the unit behind his device.
 *
 * @param data the kernel's hardware-info structure of the unit's kind; its type says which
 * @param maxPasidLg2 log2 of the PASIDs the device can use, 0 for none
 * @param capabilities what device and unit can do together
 */
public record HardwareInfo(Blob data, int maxPasidLg2, Set<Capability> capabilities) {
  /** The kernel's capability bits, in order. */
  public enum Capability {
    /** Written pages can be told. */
    DIRTY_TRACKING,
    /** Requests with a PASID may execute. */
    PASID_EXEC,
    /** Requests with a PASID may be privileged. */
    PASID_PRIV,
    /** The device cannot use ATS here. */
    ATS_NOT_SUPPORTED
  }

  /** Copies the set. */
  public HardwareInfo {
    Objects.requireNonNull(data, "data");
    capabilities = Set.copyOf(capabilities);
  }
}
