package org.ioasis.allocator.core;

import java.util.Objects;
import org.ioasis.api.ioasid.IoasidListener.Delivery;
import org.ioasis.api.ioasid.IoasidListener.Order;
import org.ioasis.api.ioasid.SetToken;

/**
 * What a listener's service properties say.
 *
 * @param name for people
 * @param sid the one set by number, 0 for any
 * @param token the one set by owner, as its text; null for any
 * @param order class
 * @param delivery phase
 * @param acknowledges whether reclaiming waits for it
 */
public record ListenerOptions(
    String name, int sid, String token, Order order, Delivery delivery, boolean acknowledges) {
  /** Checks. */
  public ListenerOptions {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(order, "order");
    Objects.requireNonNull(delivery, "delivery");
  }

  /** Of all sets. */
  public static ListenerOptions of(
      String name, Order order, Delivery delivery, boolean acknowledges) {
    return new ListenerOptions(name, 0, null, order, delivery, acknowledges);
  }

  boolean hears(int set, SetToken owner) {
    return (sid == 0 || sid == set) && (token == null || token.equals(owner.toString()));
  }
}
