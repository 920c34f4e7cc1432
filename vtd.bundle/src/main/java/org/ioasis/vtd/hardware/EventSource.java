package org.ioasis.vtd.hardware;

import org.ioasis.vtd.format.EventControl;

/**
 * One of the unit's own interrupts with its control, data, address and upper address registers,
 * which follow each other. VT-d, "Fault Event Control Register": a condition sets IP; with IM=0 the
 * message goes out and IP falls; with IM=1 IP stays until software clears IM (message) or services
 * every status bit (no message).
 *
 * <p>A condition is new only if none of the status bits of this event stood before.
 *
 * <p><b>Threading:</b> all but {@link #send} under the lock of the unit.
 */
final class EventSource {
  private final UnitCore core;
  private final int control;
  private final int status;
  private final long conditions;
  private final int action;

  /**
   * @param control offset of the control register
   * @param status offset of the status register
   * @param conditions the status bits that belong to this event
   * @param action what to ask the core for when a message is due
   */
  EventSource(UnitCore core, int control, int status, long conditions, int action) {
    this.core = core;
    this.control = control;
    this.status = status;
    this.conditions = conditions;
    this.action = action;
  }

  /**
   * Sets status bits, and raises the event if that makes a new condition.
   *
   * @param bits status bits
   */
  void raise(long bits) {
    long before = core.registers.setBits(status, bits);
    if ((before & conditions) == 0) {
      pend();
    }
  }

  private void pend() {
    if (EventControl.IM.isSet(core.registers.peek(control))) {
      core.registers.setBits(control, EventControl.IP.mask());
    } else {
      core.later(action);
    }
  }

  /** Software wrote the control register: an unmasked pending event goes out. */
  void controlWritten() {
    long value = core.registers.peek(control);
    if (!EventControl.IM.isSet(value) && EventControl.IP.isSet(value)) {
      core.registers.clearBits(control, EventControl.IP.mask());
      core.later(action);
    }
  }

  /** Status bits were serviced: with none left nothing is pending any more. */
  void statusServiced() {
    if ((core.registers.peek(status) & conditions) == 0) {
      core.registers.clearBits(control, EventControl.IP.mask());
    }
  }

  /** Sends the message; without the lock. */
  void send() {
    long data = core.registers.peek(control + 4);
    long address = core.registers.peek(control + 8);
    long upper = core.registers.peek(control + 12);
    core.environment.raiseMsi(upper << 32 | address, (int) data);
  }
}
