package org.ioasis.api.ioasid;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Told of events. Registered as a service with {@value #SET}, {@value #ORDER}, {@value #DELIVERY}
 * and {@value #ACKNOWLEDGE}; unregistering waits for the call under way and no longer.
 *
 * <p>On FREE of an id in use the order classes are the order of safety: DMA quiesced, faults
 * drained, translations invalidated; then the rest.
 *
 * <p>A listener that throws or stalls harms nobody else: it is counted, and a second-phase queue of
 * its own holds what it has not seen.
 *
 * <p><b>Threading:</b> first phase in the thread that caused the event, which may be inside a
 * callback of anything; second phase one event at a time. No lock of the allocator is held.
 */
@ConsumerType
public interface IoasidListener {
  /** Service property: number of the one set to hear of; absent for all sets. */
  String SET = "ioasis.ioasid.set";

  /** Service property: an {@link Order} by name; default OBSERVE. */
  String ORDER = "ioasis.ioasid.order";

  /** Service property: a {@link Delivery} by name; default QUEUED. */
  String DELIVERY = "ioasis.ioasid.delivery";

  /** Service property: true if reclaiming waits, bounded, for this listener's acknowledgement. */
  String ACKNOWLEDGE = "ioasis.ioasid.acknowledge";

  /** When a listener runs relative to others; every listener of a class before the next class. */
  enum Order {
    /** Stops DMA that uses the id. */
    QUIESCE,
    /** Drains and answers faults of the id. */
    DRAIN,
    /** Removes entries and invalidates translations of the id. */
    INVALIDATE,
    /** Only looks on. */
    OBSERVE
  }

  /** In which phase a listener runs. */
  enum Delivery {
    /** In the first phase, by a listener that promises not to block, lock or allocate much. */
    IMMEDIATE,
    /** In the second phase, from an ordered queue of its own. */
    QUEUED
  }

  /**
   * An event.
   *
   * @param event what happened
   * @param acknowledge to be run once when everything the event asks for is done, from any thread;
   *     does nothing for listeners that did not ask to acknowledge
   */
  void event(IoasidEvent event, Runnable acknowledge);
}
