package org.ioasis.benchmark.rig;

import org.ioasis.api.driver.DriverFactory;
import org.ioasis.api.hardware.HardwareFactory;

/**
 * What a vendor must do to be measured: program one unit of its own over tables in memory. A new
 * vendor implements this and is named in {@link Vendors}.
 */
public interface Vendor {
  /** The kind of its hardware factory, for example {@code vtd}. */
  String kind();

  /** Whether it has tables of this format. */
  boolean has(Format format);

  /** Makes its units. */
  HardwareFactory hardware();

  /** Makes the drivers of its units. */
  DriverFactory driver();

  /** The profile parameter that sets the entries of the translation cache. */
  String translationCache();

  /**
   * A machine of its own with one unit that translates for the devices of the rig.
   *
   * @param footprint which IOVAs are mapped, readable and writable
   * @param devices number of devices; each has a domain of its own, all share the tables
   */
  Rig open(Format format, Footprint footprint, Caches caches, int devices);
}
