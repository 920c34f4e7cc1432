package org.ioasis.domain.device;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.device.DeviceInterrupts;
import org.ioasis.api.driver.ReservedRegion;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.InterruptSource;
import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.domain.hwpt.Table;
import org.ioasis.domain.unit.HostedDevice;
import org.ioasis.domain.unit.HostedInterrupts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The interrupts of one device. The vectors stay the same for its life; what changes with the unit
 * is the way there.
 *
 * <p>A message is remapped inside the burst that writes it, and a port is closed with its grace
 * before anything changes here: so no message meets an entry that is gone, and none is lost or
 * doubled on the way from unit to unit. Only where a device met its closed port, and may have given
 * a message up, the interrupts are raised again.
 *
 * <p><b>Threading:</b> the lock of the structure guards all fields.
 */
final class InterruptCore implements DeviceInterrupts {
  private static final Logger LOG = LoggerFactory.getLogger(InterruptCore.class);
  private static final int MOST = 32;

  private final Devices devices;
  private final DeviceCore device;
  private final Programmer programmer;
  private final List<InterruptSource.Vector> vectors = new ArrayList<>();
  private Optional<HostedInterrupts> block = Optional.empty();

  InterruptCore(Devices devices, DeviceCore device, Programmer programmer) {
    this.devices = devices;
    this.device = device;
    this.programmer = programmer;
  }

  /** Takes vectors and entries and programs the device. */
  InterruptCore begin(int count, IntConsumer handler) {
    if (count < 1 || count > MOST || Integer.bitCount(count) != 1) {
      throw new IoasisException(
          Reason.INVALID,
          "interrupts of %s refused: %d is not 1, 2, 4, 8, 16 or 32".formatted(device, count));
    }
    boolean begun = false;
    try {
      for (int i = 0; i < count; i++) {
        int index = i;
        vectors.add(
            devices
                .machine()
                .interrupts()
                .allocate(device.name() + "." + i, () -> handler.accept(index)));
      }
      HostedDevice at = devices.ensureHosted(device);
      bind(at, device.place(DmaRequest.NO_PASID).flatMap(place -> place.table));
      begun = true;
      return this;
    } finally {
      if (!begun) {
        end();
      }
    }
  }

  /** What a device is programmed with once it is behind a unit. */
  static final class Way {
    private final Optional<HostedInterrupts> block;
    private final long[] addresses;
    private final int[] words;

    private Way(Optional<HostedInterrupts> block, int count) {
      this.block = block;
      this.addresses = new long[count];
      this.words = new int[count];
    }

    /** Nobody goes this way, or not any more. */
    void close() {
      try {
        block.ifPresent(HostedInterrupts::close);
      } catch (IoasisException e) {
        LOG.warn("domain: interrupt entries were not freed", e);
      }
    }
  }

  /**
   * The device is behind this unit or driver now; its port is closed, or it has just begun.
   *
   * @param table the table of its requests without a PASID there, if it is known already
   */
  void bind(HostedDevice at, Optional<Table> table) {
    take(prepare(at, table));
  }

  /**
   * Takes entries of a unit and leads them to the vectors; the device does not use them yet.
   *
   * @param table the table of its requests without a PASID there, if it is known already
   */
  Way prepare(HostedDevice at, Optional<Table> table) {
    Way way = new Way(HostedInterrupts.allocate(at, vectors.size()), vectors.size());
    boolean complete = false;
    try {
      if (way.block.isEmpty()) {
        table.ifPresent(there -> doorbells(at, there));
      }
      for (int i = 0; i < vectors.size(); i++) {
        InterruptSource.Vector vector = vectors.get(i);
        if (way.block.isPresent()) {
          HostedInterrupts entries = way.block.get();
          entries.retarget(i, vector.address(), vector.data());
          way.addresses[i] = entries.address(i);
          way.words[i] = entries.data(i);
        } else {
          way.addresses[i] = vector.address();
          way.words[i] = vector.data();
        }
      }
      complete = true;
      return way;
    } finally {
      if (!complete) {
        way.close();
      }
    }
  }

  /**
   * Programs the device for a way that was prepared; its port is closed, or it has just begun.
   *
   * @return the way it went before, to be closed
   */
  Way take(Way way) {
    Way before = new Way(block, 0);
    block = way.block;
    for (int i = 0; i < vectors.size(); i++) {
      program(i, way.addresses[i], way.words[i]);
    }
    return before;
  }

  /** Makes the way of the messages through a table, where the unit translates them like writes. */
  void ring(HostedDevice at, Table table) {
    if (block.isEmpty()) {
      doorbells(at, table);
    }
  }

  private void doorbells(HostedDevice at, Table table) {
    for (InterruptSource.Vector vector : vectors) {
      boolean passed =
          at.reservedRegions().stream()
              .anyMatch(
                  region ->
                      region.type() == ReservedRegion.Type.INTERRUPTS
                          && region.range().contains(vector.address()));
      if (!passed) {
        table.doorbell(vector.address() & -(1L << FrameAllocator.FRAME_LG2));
      }
    }
  }

  private void program(int index, long address, int data) {
    try {
      programmer.program(index, address, data);
    } catch (RuntimeException e) {
      LOG.warn("domain: interrupt {} of {} was not programmed", index, device, e);
    }
  }

  /** The unit is being left; the port is closed. */
  void release() {
    Optional<HostedInterrupts> old = block;
    block = Optional.empty();
    try {
      old.ifPresent(HostedInterrupts::close);
    } catch (IoasisException e) {
      LOG.warn("domain: the interrupt entries of {} were not freed", device, e);
    }
  }

  /** Raises every interrupt once; how many. */
  int replay() {
    vectors.forEach(InterruptSource.Vector::post);
    return vectors.size();
  }

  @Override
  public int count() {
    return vectors.size();
  }

  @Override
  public boolean remapped() {
    return block.isPresent();
  }

  private void end() {
    release();
    vectors.forEach(InterruptSource.Vector::close);
  }

  /** Once; a second call finds it gone from its device. */
  @Override
  public void close() {
    devices.structure().lock();
    try {
      if (device.interrupts() != this) {
        return;
      }
      device.interrupts(null);
      release();
    } finally {
      devices.structure().unlock();
    }
    vectors.forEach(InterruptSource.Vector::close); // waits for handlers, so without the lock
  }
}
