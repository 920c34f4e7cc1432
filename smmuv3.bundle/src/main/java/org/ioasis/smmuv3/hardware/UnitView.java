package org.ioasis.smmuv3.hardware;

/** What the looking glasses see of a unit. */
interface UnitView {
  /** What the hardware works with. */
  Latched latched();

  /** A register, as the hardware holds it. */
  long register(int offset);

  /** The walks and caches behind the unit. */
  Translator translator();
}
