package org.ioasis.api.machine;

import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.api.memory.MachineMemory;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A physical memory, time, a scheduler, interrupt routing, and the fabric between units and
 * devices. The platform runs one; tools and tests make private ones, which share nothing with it.
 *
 * <p>A unit enters a machine in two steps, so that its maker may be anybody: {@link #environment}
 * gives it what it lives on, {@link Fabric#install} puts it behind the ports.
 *
 * <p><b>Threading:</b> any thread. Closing blocks all ports, waits for the grace, removes the
 * units, and stops the scheduler, in this order.
 */
@ProviderType
public interface Machine extends AutoCloseable {
  /** The name from the specification. */
  String name();

  /** The specification it was made of. */
  MachineSpec spec();

  /** Physical memory. */
  MachineMemory memory();

  /**
   * A frame allocator for one owner.
   *
   * @throws org.ioasis.api.IoasisException EXISTS if the owner has one that is open
   */
  FrameAllocator frames(String owner);

  /** Time. */
  TimeSource time();

  /** Who runs the models' work. */
  Scheduler scheduler();

  /** Interrupt routing. */
  Interrupts interrupts();

  /** The interconnect. */
  Fabric fabric();

  /**
   * What a unit of this identity lives on. Ends with {@link Fabric#remove} of the same identity.
   */
  UnitEnvironment environment(String unitId);

  @Override
  void close();
}
