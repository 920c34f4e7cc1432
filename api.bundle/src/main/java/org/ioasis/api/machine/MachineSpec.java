package org.ioasis.api.machine;

import java.util.List;
import java.util.Objects;
import org.ioasis.api.memory.MemoryRegion;

/**
 * What a machine is made of.
 *
 * @param name for messages and tools
 * @param addressBits physical address width, 32 to 56
 * @param ram RAM regions, not overlapping
 * @param framePool where {@link Machine#frames} takes frames from; a part of RAM, or null for the
 *     upper half of the last region
 * @param scheduler who runs the models' work
 * @param virtualTime whether time moves only when told
 * @param seed of everything the machine draws
 * @param interruptBase first address of the interrupt window; a message there is an interrupt even
 *     where RAM lies
 * @param interruptLast last address of the window, inclusive; {@code interruptBase - 1} for none
 */
public record MachineSpec(
    String name,
    int addressBits,
    List<MemoryRegion> ram,
    MemoryRegion framePool,
    Scheduler.Mode scheduler,
    boolean virtualTime,
    long seed,
    long interruptBase,
    long interruptLast) {
  /** The interrupt window of a PC. */
  public static final long PC_INTERRUPT_BASE = 0xFEE0_0000L, PC_INTERRUPT_LAST = 0xFEEF_FFFFL;

  /** Checks the width and copies the list. */
  public MachineSpec {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(scheduler, "scheduler");
    ram = List.copyOf(ram);
    if (addressBits < 32 || addressBits > 56) {
      throw new IllegalArgumentException(
          "machine %s: addressBits %d is not 32 to 56".formatted(name, addressBits));
    }
  }

  /** A machine with the interrupt window of a PC. */
  public MachineSpec(
      String name,
      int addressBits,
      List<MemoryRegion> ram,
      MemoryRegion framePool,
      Scheduler.Mode scheduler,
      boolean virtualTime,
      long seed) {
    this(
        name,
        addressBits,
        ram,
        framePool,
        scheduler,
        virtualTime,
        seed,
        PC_INTERRUPT_BASE,
        PC_INTERRUPT_LAST);
  }

  /** A private machine as tools and tests use it: inline work, virtual time, seed 0. */
  public static MachineSpec isolated(String name, int addressBits, List<MemoryRegion> ram) {
    return new MachineSpec(name, addressBits, ram, null, Scheduler.Mode.INLINE, true, 0);
  }

  /** The same with another scheduler. */
  public MachineSpec withScheduler(Scheduler.Mode mode) {
    return new MachineSpec(
        name, addressBits, ram, framePool, mode, virtualTime, seed, interruptBase, interruptLast);
  }

  /** The same with another seed. */
  public MachineSpec withSeed(long newSeed) {
    return new MachineSpec(
        name,
        addressBits,
        ram,
        framePool,
        scheduler,
        virtualTime,
        newSeed,
        interruptBase,
        interruptLast);
  }

  /** The same on real time. */
  public MachineSpec onRealTime() {
    return new MachineSpec(
        name, addressBits, ram, framePool, scheduler, false, seed, interruptBase, interruptLast);
  }

  /** The same with another interrupt window, for example an Arm machine's GITS_TRANSLATER. */
  public MachineSpec withInterruptWindow(long base, long last) {
    return new MachineSpec(
        name, addressBits, ram, framePool, scheduler, virtualTime, seed, base, last);
  }
}
