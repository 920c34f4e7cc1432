package org.ioasis.vtd.hardware;

import org.ioasis.kit.cache.ConfigurationCache;
import org.ioasis.vtd.format.ScalableContextEntry;

/**
 * A decoded context-entry. In legacy mode it holds its {@link Target}; in scalable mode it leads to
 * the PASID directory. Immutable.
 */
final class Context extends ConfigurationCache.Entry {
  /** Legacy mode: what the device translates with; null in scalable mode. */
  final Target target;

  /** Scalable mode: the PASID directory. */
  final long directory;

  /** Scalable mode: first PASID beyond the directory. */
  final int pasidEnd;

  /** Scalable mode: PASID of requests without PASID. */
  final int ridPasid;

  /** Scalable mode: requests with PASID are allowed. */
  final boolean pasidEnabled;

  /** Scalable mode: requests without PASID are a supervisor's. */
  final boolean ridPrivileged;

  /** Translation and translated requests are allowed: TT=01, or DTE. */
  final boolean deviceTlb;

  /** Scalable mode: page requests are allowed. */
  final boolean pageRequests;

  /** FPD of the entry. */
  final boolean faultProcessingDisabled;

  /**
   * Not 0: the entry is refused for this reason, with {@link Access#SUPPRESSED}; nothing else
   * counts then.
   */
  final int refusal;

  /** Quadwords 0 and 1 of the entry. */
  final long word0, word1;

  /** A refused entry, for a unit that keeps refusals. */
  Context(long key, int refusal) {
    super(key);
    this.target = null;
    this.directory = 0;
    this.pasidEnd = 0;
    this.ridPasid = 0;
    this.pasidEnabled = false;
    this.ridPrivileged = false;
    this.deviceTlb = false;
    this.pageRequests = false;
    this.faultProcessingDisabled = false;
    this.refusal = refusal;
    this.word0 = 0;
    this.word1 = 0;
  }

  /** Legacy mode. */
  Context(long key, Target target, boolean deviceTlb) {
    super(key);
    this.target = target;
    this.directory = 0;
    this.pasidEnd = 0;
    this.ridPasid = 0;
    this.pasidEnabled = false;
    this.ridPrivileged = false;
    this.deviceTlb = deviceTlb;
    this.pageRequests = false;
    this.faultProcessingDisabled = target.faultProcessingDisabled;
    this.refusal = 0;
    this.word0 = target.word0;
    this.word1 = target.word1;
  }

  /** Scalable mode, from a checked entry. */
  Context(long key, long word0, long word1, Capabilities capabilities) {
    super(key);
    this.target = null;
    this.directory = ScalableContextEntry.PASIDDIRPTR.inPlace(word0);
    this.pasidEnd = ScalableContextEntry.pasidEnd(word0);
    this.ridPasid =
        capabilities.ridPasid() ? (int) ScalableContextEntry.RID_PASID.get(word0, word1) : 0;
    this.pasidEnabled = ScalableContextEntry.PASIDE.isSet(word0) && capabilities.pasid();
    this.ridPrivileged =
        ScalableContextEntry.RID_PRIV.isSet(word0, word1) && capabilities.ridPriv();
    this.deviceTlb = ScalableContextEntry.DTE.isSet(word0) && capabilities.deviceTlb();
    this.pageRequests = ScalableContextEntry.PRE.isSet(word0) && capabilities.pageRequests();
    this.faultProcessingDisabled = ScalableContextEntry.FPD.isSet(word0);
    this.refusal = 0;
    this.word0 = word0;
    this.word1 = word1;
  }

  /** Key of a context-cache entry; the mode is part of it, entries of one never serve the other. */
  static long key(int sourceId, int mode) {
    return (long) mode << 16 | (sourceId & 0xFFFF);
  }

  /**
   * Whether an invalidation of a domain removes it: its own, 0 for a refused one; those of scalable
   * mode carry none and go with any.
   */
  boolean isTagged(int domain) {
    if (refusal != 0) {
      return domain == 0;
    }
    return target == null || target.domain == domain;
  }

  /** The source id of a key. */
  int sourceId() {
    return (int) key() & 0xFFFF;
  }
}
