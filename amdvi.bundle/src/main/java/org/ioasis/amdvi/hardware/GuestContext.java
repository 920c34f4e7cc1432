package org.ioasis.amdvi.hardware;

import org.ioasis.kit.cache.ConfigurationCache;

/** The v2 root of a DomainID and PASID, as a GCR3 table gave it. Immutable. */
final class GuestContext extends ConfigurationCache.Entry {
  /** Root of the v2 table; a GPA where the device has host tables. */
  final long root;

  GuestContext(long key, long root) {
    super(key);
    this.root = root;
  }

  /** Key of a context. */
  static long key(int domain, int pasid) {
    return (long) domain << 20 | pasid;
  }

  /** DomainID of a context. */
  int domain() {
    return (int) (key() >>> 20);
  }
}
