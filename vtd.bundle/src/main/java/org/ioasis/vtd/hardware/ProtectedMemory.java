package org.ioasis.vtd.hardware;

import org.ioasis.api.machine.Translation;
import org.ioasis.vtd.format.Pmen;
import org.ioasis.vtd.format.RegisterMap;

/**
 * The protected low and high memory regions. VT-d, "Protected Memory Enable Register": while EPM=1
 * requests that end in a region are blocked and not recorded, whether they were translated or not;
 * the hardware's own table walks are exempt.
 *
 * <p>Base and limit have a granularity of 2 MiB: low bits of a base decode as 0, of a limit as 1.
 *
 * <p><b>Threading:</b> {@link #written} under the unit's lock; {@link #guard} any thread, on one
 * snapshot.
 */
final class ProtectedMemory {
  /** log2 of the granularity. */
  static final int GRANULE_LG2 = 21;

  private static final long GRANULE_MASK = (1L << GRANULE_LG2) - 1;

  /** Regions in force; an empty one has its last address below its base. */
  private record Regions(long lowBase, long lowLast, long highBase, long highLast) {
    boolean contains(long address) {
      return (address >= lowBase && address <= lowLast)
          || (address >= highBase && address <= highLast);
    }
  }

  private final UnitCore core;
  private volatile Regions regions;

  ProtectedMemory(UnitCore core) {
    this.core = core;
  }

  /** The registers changed: takes the regions, and PRS follows EPM. */
  void written() {
    restore();
    if (regions == null) {
      core.registers.clearBits(RegisterMap.PMEN, Pmen.PRS.mask());
    } else {
      core.registers.setBits(RegisterMap.PMEN, Pmen.PRS.mask());
    }
  }

  /** Takes the regions as the registers have them and leaves the registers alone. */
  void restore() {
    if (!Pmen.EPM.isSet(core.registers.peek(RegisterMap.PMEN))) {
      regions = null;
      return;
    }
    boolean low = core.capabilities.protectedLow();
    boolean high = core.capabilities.protectedHigh();
    regions =
        new Regions(
            low ? base(RegisterMap.PLMBASE) : 0,
            low ? last(RegisterMap.PLMLIMIT) : -1,
            high ? base(RegisterMap.PHMBASE) : 0,
            high ? last(RegisterMap.PHMLIMIT) : -1);
  }

  private long base(int offset) {
    return core.registers.peek(offset) & ~GRANULE_MASK;
  }

  private long last(int offset) {
    return core.registers.peek(offset) | GRANULE_MASK;
  }

  /**
   * Lets a translation pass or blocks it.
   *
   * @param translation a packed {@link Translation}
   * @return the translation, its span cut to the granularity while regions are in force
   */
  long guard(long translation) {
    Regions now = regions;
    if (now == null || !Translation.isPresent(translation)) {
      return translation;
    }
    long address = Translation.address(translation);
    if (now.contains(address)) {
      return Translation.none(Translation.Refusal.ABORTED);
    }
    if (Translation.isNotRam(translation) || Translation.spanLg2(translation) <= GRANULE_LG2) {
      return translation;
    }
    return Translation.of(address, GRANULE_LG2);
  }
}
