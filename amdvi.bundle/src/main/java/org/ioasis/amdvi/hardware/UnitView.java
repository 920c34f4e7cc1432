package org.ioasis.amdvi.hardware;

/**
 * What the translator and the looking glasses see of a unit; they change nothing through it.
 *
 * <p><b>Threading:</b> any thread.
 */
interface UnitView {
  /** What the hardware works with now. */
  Latched latched();

  /**
   * The contents of the register that begins at an offset of {@link
   * org.ioasis.amdvi.format.RegisterMap}, as the hardware holds them.
   */
  long register(int offset);

  /** The walks and caches behind the unit. */
  Translator translator();
}
