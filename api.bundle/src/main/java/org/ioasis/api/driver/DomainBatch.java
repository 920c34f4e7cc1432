package org.ioasis.api.driver;

import java.nio.LongBuffer;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A batch of changes to one domain: any number of them, then one {@link #sync}. It gathers what
 * must be invalidated and which table frames become free, and allocates nothing once it has grown.
 *
 * <p>Until the sync has returned, a request may meet the old state or the new one of each change;
 * memory behind removed mappings and frames of removed tables must not be reused. A driver whose
 * unit caches refusals also gathers what {@link #map} adds.
 *
 * <p>The driver chooses page sizes: the largest that alignment, length and limits allow, and it
 * splits a page that a change covers in part.
 *
 * <p><b>Threading:</b> one thread at a time; hand-over needs a happens-before edge. Several batches
 * of one domain may be in use at once, on disjoint ranges.
 */
@ProviderType
public interface DomainBatch {
  /**
   * Maps a contiguous run.
   *
   * @param iova first address, aligned to the granule
   * @param address physical address, aligned to the granule
   * @param length bytes, a multiple of the granule
   * @param rights READ, WRITE, EXECUTE and PRIVILEGED_ONLY bits of {@link
   *     org.ioasis.api.machine.DmaRequest}
   * @return bytes mapped; less than {@code length} if it met a mapping (then {@link #shortfall} is
   *     EXISTS) or frames ran out (EXHAUSTED)
   * @throws org.ioasis.api.IoasisException INVALID if misaligned, outside the windows, or with
   *     rights the format cannot express
   */
  long map(long iova, long address, long length, int rights);

  /**
   * Maps pages that lie anywhere, one after another in IOVA.
   *
   * @param pageLg2 log2 of the page, one of the limits' sizes
   * @param addresses physical addresses, consumed from position to limit; the position ends behind
   *     the last page mapped
   * @return bytes mapped, as in {@link #map}
   */
  long mapPages(long iova, int pageLg2, LongBuffer addresses, int rights);

  /**
   * Removes every mapping of a range; pages that it covers in part are split.
   *
   * @return bytes that were mapped
   */
  long unmap(IovaRange range);

  /**
   * Changes the rights of every mapping of a range, each page atomically and marks of written pages
   * kept.
   *
   * @return bytes whose mapping was touched
   */
  long protect(IovaRange range, int rights);

  /** Why the last {@link #map} or {@link #mapPages} fell short; null if it did not. */
  Reason shortfall();

  /**
   * Ends the batch: invalidates what was gathered in unit and devices, waits, and gives table
   * frames back. When it returns, sync means gone: no translation, access or A/D update that used
   * what was removed is under way or can start.
   *
   * @return complete, or the devices that did not answer in time; those were isolated, so that the
   *     promise holds for them as well
   * @throws org.ioasis.api.IoasisException HARDWARE if the unit itself stopped processing; frames
   *     are kept then
   * @throws IllegalStateException inside the caller's own burst
   */
  SyncResult sync();
}
