package org.ioasis.amdvi.hardware;

import org.ioasis.amdvi.format.AddressMap;
import org.ioasis.api.machine.DmaRequest;

/** What a request needs from an entry, and what an answer spans. Pure functions. */
final class Access {
  /** Rights bits as requests and cache words have them. */
  static final int READ = DmaRequest.READ, WRITE = DmaRequest.WRITE, EXECUTE = DmaRequest.EXECUTE;

  /** Spans of an identity translation at most. */
  private static final int IDENTITY_LG2 = 30;

  private Access() {}

  /** What v1 tables must grant: an execute request reads. */
  static int host(int access) {
    return (access & (READ | WRITE)) | ((access & EXECUTE) != 0 ? READ : 0);
  }

  /** The rights of a v1 translation as an answer gives them: what is read can be executed. */
  static int granted(int hostRights) {
    return hostRights | ((hostRights & READ) != 0 ? EXECUTE : 0);
  }

  /** log2 of the span of an identity translation around an address outside all windows. */
  static int identitySpan(long address, boolean htWindows) {
    return clamp(address, IDENTITY_LG2, htWindows);
  }

  /**
   * log2 of the block around an IOVA that a translation may claim: the page, or the largest block
   * in it that meets no window.
   */
  static int clamp(long iova, int pageLg2, boolean htWindows) {
    int lg2 = Math.min(pageLg2, AddressMap.clearOfInterrupts(iova));
    return htWindows ? Math.min(lg2, AddressMap.clearOfHyperTransport(iova)) : lg2;
  }
}
