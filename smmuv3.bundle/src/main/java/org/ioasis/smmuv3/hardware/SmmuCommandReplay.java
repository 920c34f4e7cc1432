package org.ioasis.smmuv3.hardware;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.inspect.CommandReplay;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.api.state.RegisterValue;
import org.ioasis.kit.inspect.RowNumbers;
import org.ioasis.kit.queue.Ring;
import org.ioasis.smmuv3.format.CmdqCons;
import org.ioasis.smmuv3.format.Command;
import org.ioasis.smmuv3.format.Gerror;
import org.ioasis.smmuv3.format.QueueBase;
import org.ioasis.smmuv3.format.QueuePointer;
import org.ioasis.smmuv3.format.RegisterMap;

/**
 * Replays the register writes and commands of a capture.
 *
 * <p>Rows of commands precede the PROD write that submits them and name their slot. Commands whose
 * slot was overwritten before they could be read have no words; their slots get a CMD_SYNC. Writes
 * to EVENTQ_CONS are left out, since the events are not there. Offsets A8h and ACh are those of
 * page 1.
 */
final class SmmuCommandReplay implements CommandReplay {
  private static final long LOW = 0xFFFF_FFFFL;
  private static final int LARGEST_QUEUE_LG2 = 19;

  private final Mmio mmio;
  private final PhysicalMemory memory;

  /** Slots that rows have filled since the last PROD write. */
  private final Set<Long> filled = new HashSet<>();

  SmmuCommandReplay(Mmio mmio, PhysicalMemory memory) {
    this.mmio = mmio;
    this.memory = memory;
  }

  @Override
  public void accept(Row row) {
    switch (row.asText("ev").orElse("")) {
      case "regwrite" -> registerWrite(row);
      case "cmd" -> command(row);
      default -> throw malformed(row, "ev is neither regwrite nor cmd");
    }
  }

  private void registerWrite(Row row) {
    long offset = number(row, "offset");
    long value = number(row, "value");
    int bytes = (int) number(row, "size");
    boolean consumes =
        offset == RegisterMap.EVENTQ_CONS || offset == RegisterMap.EVENTQ_CONS - RegisterMap.PAGE_1;
    if (consumes) {
      return;
    }
    if (offset == RegisterMap.CMDQ_PROD) {
      submit(value);
    }
    if (bytes == 8) {
      mmio.write64(offset, value);
    } else if (bytes == 4) {
      mmio.write32(offset, (int) value);
    } else {
      throw malformed(row, "size is neither 4 nor 8");
    }
  }

  private void command(Row row) {
    if (row.has("lo") && row.has("hi")) {
      Ring ring = ring();
      long slot = ring.index(slot(row));
      put(ring.address(slot), number(row, "lo"), number(row, "hi"));
      filled.add(slot);
    }
  }

  private Ring ring() {
    long base = mmio.read64(RegisterMap.CMDQ_BASE);
    int lg2 = (int) Math.min(QueueBase.LOG2SIZE.get(base), LARGEST_QUEUE_LG2);
    long address = QueueBase.address(base, lg2, QueueBase.COMMAND_LG2);
    return new Ring(address, lg2, QueueBase.COMMAND_LG2, true);
  }

  private void put(long at, long lo, long hi) {
    if (!memory.store64(at, lo) || !memory.store64(at + Long.BYTES, hi)) {
      throw new IoasisException(
          Reason.MALFORMED,
          "replay refused: the queue slot at 0x%x is not in memory".formatted(at));
    }
  }

  /** Fills the slots that a PROD write submits and no row described. */
  private void submit(long prod) {
    Ring ring = ring();
    long from = read(RegisterMap.CMDQ_PROD);
    for (long left = ring.used(from, prod); left > 0; left--) {
      if (!filled.contains(ring.index(from))) {
        put(ring.address(from), Command.OPCODE.of(Command.SYNC), 0);
      }
      from = ring.next(from);
    }
    filled.clear();
    memory.barrier();
  }

  private static long slot(Row row) {
    return row.asLong("slot").orElseThrow(() -> malformed(row, "slot is missing or no number"));
  }

  @Override
  public List<Check> finish(List<RegisterValue> registers) {
    List<Check> checks = new ArrayList<>();
    long prod = QueuePointer.POINTER.get(read(RegisterMap.CMDQ_PROD));
    long cons = CmdqCons.RD.get(read(RegisterMap.CMDQ_CONS));
    checks.add(check("CMDQ_CONS equals CMDQ_PROD", prod, cons));
    long error = (read(RegisterMap.GERROR) ^ read(RegisterMap.GERRORN)) & Gerror.CMDQ_ERR.mask();
    checks.add(check("GERROR.CMDQ_ERR is not active", 0, error));
    for (RegisterValue captured : registers) {
      switch ((int) captured.offset()) {
        case RegisterMap.CR0ACK -> checks.add(narrow("CR0ACK", captured));
        case RegisterMap.STRTAB_BASE -> checks.add(wide("STRTAB_BASE", captured));
        case RegisterMap.STRTAB_BASE_CFG -> checks.add(narrow("STRTAB_BASE_CFG", captured));
        case RegisterMap.CMDQ_BASE -> checks.add(wide("CMDQ_BASE", captured));
        case RegisterMap.CMDQ_PROD -> checks.add(narrow("CMDQ_PROD", captured));
        case RegisterMap.EVENTQ_BASE -> checks.add(wide("EVENTQ_BASE", captured));
        default -> {
          // Only queue positions, enables and base registers are compared.
        }
      }
    }
    return checks;
  }

  private long read(long offset) {
    return mmio.read32(offset) & LOW;
  }

  private Check narrow(String name, RegisterValue captured) {
    return check(name, captured.value(), read(captured.offset()));
  }

  private Check wide(String name, RegisterValue captured) {
    return check(name, captured.value(), mmio.read64(captured.offset()));
  }

  private static Check check(String name, long expected, long ours) {
    return new Check(
        name, expected == ours, "0x" + Long.toHexString(expected), "0x" + Long.toHexString(ours));
  }

  private static long number(Row row, String key) {
    return RowNumbers.number(row, key)
        .orElseThrow(() -> malformed(row, key + " is missing or no number"));
  }

  private static IoasisException malformed(Row row, String why) {
    return new IoasisException(
        Reason.MALFORMED, "replay refused: command row '%s': %s".formatted(row, why));
  }
}
