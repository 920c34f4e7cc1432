package org.ioasis.api.machine;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * A unit as the fabric sees it. Made by a vendor bundle, or by anybody who puts a model of his own
 * behind the fabric.
 *
 * <p><b>Threading:</b> {@link #translate} and {@link #probe} concurrently from many threads; a
 * translation that succeeds takes no lock and allocates nothing; all end within a bound and never
 * throw for a guest's mistake. If one throws, the fabric blocks every port of the unit and answers
 * BLOCKED.
 */
@ConsumerType
public interface FabricUnit {
  /**
   * Translates inside a burst, with all architected effects: cache fills, A/D updates, fault
   * records.
   *
   * @return a packed {@link Translation}; the request holds the rights or the code of the refusal
   */
  long translate(DmaRequest request);

  /**
   * The same answer without effects: no A/D update, no record, no cache fill, no stall. For tools,
   * outside a burst. Reads caches first, as {@link #translate} does.
   */
  long probe(DmaRequest request);

  /** Whether translated (ATS) requests are checked by the unit. */
  default boolean checksTranslatedRequests() {
    return false;
  }

  /**
   * Takes a page request message.
   *
   * @return false if the unit answers "unsupported request"
   */
  default boolean pageRequest(PageRequest request) {
    return false;
  }

  /**
   * Remaps an interrupt write of a device in place.
   *
   * @return false if there is nothing to deliver: the unit blocked it, or posted it into memory
   */
  default boolean remapInterrupt(MsiMessage message) {
    return true;
  }
}
