package org.ioasis.api.device;

/**
 * How DMA is with processor caches. Two things that must not be mixed up: requests that do not
 * snoop are the device's and can be overruled by a domain; walks that do not snoop are the unit's.
 *
 * @param mayNotSnoop whether the device can send requests that do not snoop
 * @param enforced whether what it is attached to overrules that
 * @param coherentWalks whether the unit's walker snoops table stores
 */
public record Coherence(boolean mayNotSnoop, boolean enforced, boolean coherentWalks) {
  /** Whether every request of the device is coherent. */
  public boolean coherent() {
    return !mayNotSnoop || enforced;
  }
}
