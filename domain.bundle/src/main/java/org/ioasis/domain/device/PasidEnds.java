package org.ioasis.domain.device;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.ioasis.api.ioasid.IoasidEvent;
import org.ioasis.api.ioasid.IoasidListener;
import org.ioasis.api.ioasid.Pasid;

/**
 * The part that devices have in the end of an id: first nothing of it passes any more, then its
 * faults are drained, then it is confirmed that no entry is left. Each step acknowledges only when
 * it is done, so the number is not used again before.
 *
 * <p>Only places that were attached while the allocator had the id out are concerned; a number that
 * a user chose himself is his.
 *
 * <p><b>Threading:</b> listeners of the second phase, one event at a time each; the lock of the
 * structure is taken.
 */
public final class PasidEnds {
  private final Devices devices;
  private final Attaching attaching;
  private final Set<Integer> ending = ConcurrentHashMap.newKeySet();

  PasidEnds(Devices devices, Attaching attaching) {
    this.devices = devices;
    this.attaching = attaching;
  }

  private static Pasid endOf(IoasidEvent event) {
    if (event instanceof IoasidEvent.Freed freed) {
      return freed.id();
    }
    return event instanceof IoasidEvent.Unbound unbound ? unbound.id() : null;
  }

  /**
   * Stops DMA that uses the id: what waits is answered, entries are cleared, translations
   * invalidated and waited for.
   */
  public IoasidListener quiesce() {
    return step(
        (device, place) -> {
          attaching.quiesce(device, place);
          ending.add(place.key().pasid());
        });
  }

  /** Empties the queues anew and closes what came until the entries were clear. */
  public IoasidListener drain() {
    return step(attaching::drain);
  }

  /** Empties the places of the id: domains, routes and reservations are let go. */
  public IoasidListener invalidate() {
    IoasidListener forgets =
        step((device, place) -> attaching.forget(device, device.binding(), place));
    return (event, acknowledge) -> {
      Pasid id = endOf(event);
      if (id != null && ending.remove(id.value())) {
        forgets.event(event, acknowledge);
      } else {
        acknowledge.run();
      }
    };
  }

  /** Does something to every place of an id that ends, then acknowledges. */
  private IoasidListener step(BiConsumer<DeviceCore, Place> todo) {
    return (event, acknowledge) -> {
      Pasid id = endOf(event);
      if (id != null) {
        devices.structure().lock();
        try {
          for (DeviceCore device : devices.all()) {
            device
                .place(id.value())
                .filter(place -> place.allocated)
                .ifPresent(place -> todo.accept(device, place));
          }
        } finally {
          devices.structure().unlock();
        }
      }
      acknowledge.run();
    };
  }
}
