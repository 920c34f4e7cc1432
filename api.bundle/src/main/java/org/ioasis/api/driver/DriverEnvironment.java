package org.ioasis.api.driver;

import java.util.Objects;
import org.ioasis.api.machine.InterruptSource;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.TimeSource;
import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.api.memory.PhysicalMemory;

/**
 * Everything a driver gets. Nothing in here leads to a hardware model.
 *
 * @param unitId identity of the unit, for messages
 * @param mmio the unit's registers
 * @param memory the machine's memory, where tables and queues lie
 * @param frames frames for tables and queues; they belong to the unit, not to the driver instance,
 *     so that a successor can adopt them
 * @param interrupts where vectors come from
 * @param time the machine's time; a driver reads no other clock
 * @param devices what a driver may do to a device itself
 */
public record DriverEnvironment(
    String unitId,
    Mmio mmio,
    PhysicalMemory memory,
    FrameAllocator frames,
    InterruptSource interrupts,
    TimeSource time,
    DeviceControl devices) {
  /** Nothing is null. */
  public DriverEnvironment {
    Objects.requireNonNull(unitId, "unitId");
    Objects.requireNonNull(mmio, "mmio");
    Objects.requireNonNull(memory, "memory");
    Objects.requireNonNull(frames, "frames");
    Objects.requireNonNull(interrupts, "interrupts");
    Objects.requireNonNull(time, "time");
    Objects.requireNonNull(devices, "devices");
  }
}
