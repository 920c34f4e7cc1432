package org.ioasis.domain.unit;

/**
 * Told of what becomes of units.
 *
 * <p><b>Threading:</b> {@link #up}, {@link #down} and {@link #gone} in the thread that brought the
 * factory or the unit, under the lock of life cycles and no other. {@link #failed} in whatever
 * thread met the failure, perhaps with locks held: it takes leaf locks only.
 */
public interface UnitListener {
  /** A driver has started, or has taken over a unit that translates on. Ports are still closed. */
  void up(UnitHost host);

  /** The driver has let go of a unit that translates on; no change reaches it until it is up. */
  default void down(UnitHost host) {}

  /** The unit has left, or its driver has ended for good; its ports are blocked. */
  void gone(UnitHost host);

  /** The driver threw; the unit's ports are blocked. */
  void failed(UnitHost host);

  /** A device did not answer an invalidation and was shut out; its port is blocked. */
  void isolated(UnitHost host, int sourceId);
}
