package org.ioasis.vtd.driver;

import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.InterruptRemapping.RemappedInterrupts;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.vtd.format.AddressBits;
import org.ioasis.vtd.format.InterruptEntry;
import org.ioasis.vtd.format.InterruptMessage;
import org.ioasis.vtd.format.InterruptRequest;
import org.ioasis.vtd.format.PostedInterruptEntry;

/**
 * A block of interrupt entries of one device. The device writes one address with the place in the
 * block as data (SHV=1).
 *
 * <p><b>Threading:</b> any thread; {@code this} serialises changes.
 */
final class InterruptBlock implements RemappedInterrupts {
  private static final int LARGEST_VECTOR = 0xFF;
  private static final int SHORT_DESTINATION_SHIFT = 8;

  private final InterruptTable table;
  private final DriverCore core;
  private final VtdDevice device;
  private final int first;
  private final int count;
  private boolean closed;

  InterruptBlock(InterruptTable table, VtdDevice device, int first, int count) {
    this.table = table;
    this.core = table.core();
    this.device = device;
    this.first = first;
    this.count = count;
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public long address(int index) {
    require("address", index);
    return InterruptRequest.address(first);
  }

  @Override
  public int data(int index) {
    require("data", index);
    return index;
  }

  private void require(String what, int index) {
    if (index < 0 || index >= count) {
      throw refuse(Reason.INVALID, what, index, "the block has %d entries", count);
    }
  }

  private IoasisException refuse(
      Reason reason, String what, int index, String why, Object... values) {
    return new IoasisException(
        reason,
        "%s refused: interrupt entry %d of device 0x%04x of unit %s: "
                .formatted(what, first + index, device.facts().sourceId(), core.unitId())
            + why.formatted(values));
  }

  /** Bits 127:64: who may use the entry. */
  private long source() {
    int id = device.facts().sourceId();
    int firstBus = id >>> 8;
    int lastBus = firstBus;
    for (int alias : device.facts().aliases()) {
      firstBus = Math.min(firstBus, alias >>> 8);
      lastBus = Math.max(lastBus, alias >>> 8);
    }
    return device.facts().aliases().isEmpty()
        ? InterruptEntry.SVT.of(InterruptEntry.SVT_SOURCE) | InterruptEntry.SID.of(id)
        : InterruptEntry.SVT.of(InterruptEntry.SVT_BUS)
            | InterruptEntry.SID.of(firstBus << 8 | lastBus);
  }

  private SyncResult change(String what, int index, long low, long high) {
    require(what, index);
    core.gate().enter(what);
    try {
      synchronized (this) {
        if (closed) {
          throw refuse(Reason.GONE, what, index, "the block is closed");
        }
        return table.write(first + index, low, high);
      }
    } finally {
      core.gate().leave();
    }
  }

  @Override
  public SyncResult retarget(int index, long vectorAddress, int vectorData) {
    if (!InterruptMessage.isOne(vectorAddress, vectorData)) {
      throw refuse(
          Reason.INVALID,
          "retarget",
          index,
          "0x%x with data 0x%x is no message to an APIC",
          vectorAddress,
          vectorData);
    }
    long destination = Integer.toUnsignedLong(InterruptMessage.destination(vectorAddress));
    boolean extended = core.claims().extendedInterrupts();
    if (!extended && destination > LARGEST_VECTOR) {
      throw refuse(Reason.UNSUPPORTED, "retarget", index, "APIC 0x%x needs ECAP.EIM", destination);
    }
    long low =
        InterruptEntry.P.mask()
            | InterruptEntry.DM.of(InterruptMessage.mode(vectorAddress))
            | InterruptEntry.RH.of(InterruptMessage.redirection(vectorAddress))
            | InterruptEntry.TM.of(InterruptMessage.trigger(vectorData))
            | InterruptEntry.DLM.of(InterruptMessage.delivery(vectorData))
            | InterruptEntry.V.of(InterruptMessage.vector(vectorData))
            | InterruptEntry.DST.of(
                extended ? destination : destination << SHORT_DESTINATION_SHIFT);
    return change("retarget", index, low, source());
  }

  @Override
  public SyncResult post(int index, long descriptor, int vector, boolean urgent) {
    if (!core.claims().interruptPosting()) {
      throw refuse(Reason.UNSUPPORTED, "post", index, "the unit has CAP.PI=0");
    }
    long beyond = AddressBits.beyond(core.claims().hostBits());
    if ((descriptor & (PostedInterruptEntry.ALIGNMENT - 1 | beyond)) != 0
        || vector < 0
        || vector > LARGEST_VECTOR) {
      throw refuse(
          Reason.INVALID,
          "post",
          index,
          "descriptor 0x%x is not 64-byte aligned below 2^%d, or vector %d not 0 to 255",
          descriptor,
          core.claims().hostBits(),
          vector);
    }
    long low =
        InterruptEntry.P.mask()
            | InterruptEntry.IM.mask()
            | InterruptEntry.V.of(vector)
            | PostedInterruptEntry.URG.of(urgent ? 1 : 0)
            | PostedInterruptEntry.low(descriptor);
    return change("post", index, low, source() | PostedInterruptEntry.high(descriptor));
  }

  @Override
  public SyncResult mask(int index) {
    return change("mask", index, 0, 0);
  }

  @Override
  public void close() {
    core.gate().enter("close of interrupt entries");
    try {
      synchronized (this) {
        if (!closed) {
          closed = true;
          table.release(first, count);
        }
      }
    } finally {
      core.gate().leave();
    }
  }
}
