package org.ioasis.vtd.hardware;

/**
 * What the looking glasses, {@code VtdInspector} and {@code VtdExplainer}, see of a unit: made with
 * {@code (PhysicalMemory, Capabilities, UnitView)}, they change nothing.
 *
 * <p><b>Threading:</b> any thread.
 */
interface UnitView {
  /** What the hardware works with now. */
  Latched latched();

  /**
   * The contents of the register that begins at an offset of {@link
   * org.ioasis.vtd.format.RegisterMap}, as the hardware holds them; 0 if this unit has no such
   * register.
   */
  long register(int offset);

  /** The walks and caches behind the unit. */
  Translator translator();
}
