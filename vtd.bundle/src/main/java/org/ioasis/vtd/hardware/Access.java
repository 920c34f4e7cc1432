package org.ioasis.vtd.hardware;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.vtd.format.AddressBits;
import org.ioasis.vtd.format.FaultReason;

/** What a request needs from an entry, and what an answer spans. Pure functions. */
final class Access {
  /** Rights bits as requests, paging entries of the second stage, and cache words have them. */
  static final int READ = DmaRequest.READ, WRITE = DmaRequest.WRITE, EXECUTE = DmaRequest.EXECUTE;

  /** In {@link DmaRequest#refused} inside the translator: FPD suppresses the record. */
  static final int SUPPRESSED = 1 << 16;

  /** log2 of the span of a translated request; the interrupt range is not inside one. */
  static final int TRANSLATED_LG2 = AddressBits.PAGE_LG2;

  /** Spans of an identity translation: all of it, and beside the interrupt range. */
  private static final int IDENTITY_LG2 = 30;

  private Access() {}

  /**
   * The rights a request needs: READ, WRITE, EXECUTE, which comes with READ; 0 if presence
   * suffices, as for a zero-length read where CAP.ZLR allows it.
   */
  static int needed(DmaRequest request, boolean zeroLengthRead) {
    int access = request.access() & (READ | WRITE | EXECUTE);
    int rights = (access & EXECUTE) != 0 ? access | READ : access;
    return zeroLengthRead && request.isZeroLength() && rights == READ ? 0 : rights;
  }

  /** log2 of the span of an identity translation around an address outside the interrupt range. */
  static int identitySpan(long address) {
    return clamp(address, address, IDENTITY_LG2);
  }

  /**
   * log2 of the block around an input address and its output that a translation may claim: a page
   * that meets the interrupt range on either side is cut at that range's size.
   */
  static int clamp(long input, long output, int pageLg2) {
    boolean meets =
        AddressBits.touchesInterrupt(input, pageLg2)
            || AddressBits.touchesInterrupt(output, pageLg2);
    return meets ? Math.min(pageLg2, AddressBits.INTERRUPT_LG2) : pageLg2;
  }

  /** Whether a fault under these FPD bits goes unrecorded. */
  static boolean isSuppressed(int code, boolean faultProcessingDisabled) {
    return faultProcessingDisabled && FaultReason.isQualified(code);
  }
}
