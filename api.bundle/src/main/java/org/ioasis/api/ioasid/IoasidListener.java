package org.ioasis.api.ioasid;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Told of events. Registered as a service with {@value #SET}, {@value #ORDER}, {@value #DELIVERY}
 * and {@value #ACKNOWLEDGE}.
 *
 * <p>On FREE of an id in use the order classes are the order of safety: DMA quiesced, faults
 * drained, translations invalidated; then the rest. In the first phase every listener of a class
 * runs before the next class. In the second phase a FREE reaches a class when every listener of the
 * classes before it that asked to acknowledge has done so, has gone, or is late; a listener that
 * did not ask holds up nobody.
 *
 * <p>Only IMMEDIATE listeners and those that acknowledge are told of an id's end before its number
 * is used again; any other sees FREE, RECLAIM and the next ALLOC in this order, but perhaps late.
 *
 * <p>A listener that throws or stalls harms nobody else: it is counted, and a second-phase queue of
 * its own holds what it has not seen, up to a configured number of events; {@link #lost} tells what
 * happens beyond. An IMMEDIATE listener that was slow is told from a queue from then on. A listener
 * that comes late is told of the present ids first ({@code replayed}), from the queue in any case.
 *
 * <p><b>Threading:</b> first phase in the thread that caused the event, which may be inside a
 * callback of anything, several threads at once; events of one id caused by two threads at once may
 * come in either order and are told apart by {@link IoasidEvent#sequence}. Second phase one event
 * at a time, in the allocator's order. No lock of the allocator is held. Unregistering waits,
 * bounded, for the call under way.
 */
@ConsumerType
public interface IoasidListener {
  /** Service property: number of the one set to hear of; absent for all sets. */
  String SET = "ioasis.ioasid.set";

  /**
   * Service property: the owner of the one set to hear of, as {@link SetToken#toString} writes it;
   * for whoever registers before the set exists. Absent for all sets.
   */
  String TOKEN = "ioasis.ioasid.token";

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
   * @param acknowledge to be run once when everything that a FREE asks for is done, from any
   *     thread; does nothing for other events and for listeners that did not ask
   */
  void event(IoasidEvent event, Runnable acknowledge);

  /**
   * This listener was so far behind that events were lost to it. What it was told before is void:
   * the ids and bindings that are present follow at once, as {@code replayed} events, an id that is
   * being freed with its FREE, which can still be acknowledged; an id that does not follow has
   * gone. Does nothing by default, which is right for a listener that takes a replayed event of
   * something it knows for no news and can bear to know an id that has gone.
   *
   * @param events how many at least, those of other sets included
   */
  default void lost(long events) {}
}
