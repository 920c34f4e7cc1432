package org.ioasis.vtd.hardware;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.inspect.CommandReplay;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.api.state.RegisterValue;
import org.ioasis.vtd.format.Cap;
import org.ioasis.vtd.format.Descriptor;
import org.ioasis.vtd.format.Fsts;
import org.ioasis.vtd.format.PasidCacheInvalidate;
import org.ioasis.vtd.format.QueueRegisters;
import org.ioasis.vtd.format.RegisterMap;

/**
 * Gives a unit in reset state the register writes and descriptors of a capture. A descriptor's row
 * follows the tail write that made it visible, so the tail write is held until the next register
 * write; then the descriptors go into the slots that the tail has passed, and the tail is written.
 *
 * <p>The capture has bits 127:0 of each descriptor and no PASID-cache invalidations: the slots of a
 * tail step that have no row were such, and come before the others, since software ends a step with
 * a wait. They become global PASID-cache invalidations. Writes to FSTS and to fault records are
 * left out: they acknowledge faults that this unit has not had.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class VtdCommandReplay implements CommandReplay {
  private static final String REGISTER_WRITE = "regwrite";
  private static final String COMMAND = "cmd";
  private static final int RECORD_BYTES = 16;
  private static final int NO_TAIL = 0;

  /** Registers that hold where something lies; with their names. */
  private static final List<BaseRegister> BASES =
      List.of(
          new BaseRegister("RTADDR", RegisterMap.RTADDR),
          new BaseRegister("IQA", RegisterMap.IQA),
          new BaseRegister("IRTA", RegisterMap.IRTA),
          new BaseRegister("PQA", RegisterMap.PQA));

  private record BaseRegister(String name, int offset) {}

  /** A descriptor, bits 127:0. */
  private record Held(long low, long high) {}

  /** What an untraced slot gets: a global PASID-cache invalidation. */
  private static final Held PASID_CACHE =
      new Held(
          Descriptor.TYPE.of(PasidCacheInvalidate.CODE)
              | PasidCacheInvalidate.G.of(PasidCacheInvalidate.GLOBAL),
          0);

  private final Mmio mmio;
  private final PhysicalMemory memory;
  private final long firstRecord;
  private final long endOfRecords;
  private final List<Held> descriptors = new ArrayList<>();
  private int tailBytes = NO_TAIL;
  private long tail;

  VtdCommandReplay(Mmio mmio, PhysicalMemory memory) {
    this.mmio = mmio;
    this.memory = memory;
    long cap = mmio.read64(RegisterMap.CAP);
    firstRecord = Cap.FRO.get(cap) * RECORD_BYTES;
    endOfRecords = firstRecord + (Cap.NFR.get(cap) + 1) * RECORD_BYTES;
  }

  @Override
  public void accept(Row row) {
    String event = row.asText("ev").orElse("");
    switch (event) {
      case REGISTER_WRITE -> {
        release();
        registerWrite(number(row, "offset"), number(row, "size"), number(row, "value"));
      }
      case COMMAND -> {
        if (tailBytes == NO_TAIL) {
          throw malformed("a descriptor that follows no write to IQT has no slot");
        }
        descriptors.add(new Held(number(row, "lo"), number(row, "hi")));
      }
      default -> throw malformed("'ev' is '%s', neither regwrite nor cmd".formatted(event));
    }
  }

  private void registerWrite(long offset, long bytes, long value) {
    if (bytes != 4 && bytes != 8) {
      throw malformed("a register write has 4 or 8 bytes, not %d".formatted(bytes));
    }
    boolean record = offset >= firstRecord && offset < endOfRecords;
    if (record || offset == RegisterMap.FSTS) {
      return;
    }
    if (offset == RegisterMap.IQT) {
      tail = value;
      tailBytes = (int) bytes;
    } else {
      write(offset, (int) bytes, value);
    }
  }

  private void write(long offset, int bytes, long value) {
    if (bytes == 4) {
      mmio.write32(offset, (int) value);
    } else {
      mmio.write64(offset, value);
    }
  }

  /** Puts what is held into its slots and writes the tail. */
  private void release() {
    if (tailBytes == NO_TAIL) {
      return;
    }
    long iqa = mmio.read64(RegisterMap.IQA);
    int strideLg2 = QueueRegisters.descriptorLg2(iqa);
    long queueBytes = QueueRegisters.queueBytes(iqa);
    long slot = mmio.read64(RegisterMap.IQT) & (queueBytes - 1);
    long slots = ((tail - slot) & (queueBytes - 1)) >>> strideLg2;
    if (slots < descriptors.size()) {
      throw malformed(
          "%d descriptors came with a tail step of %d slots to 0x%x"
              .formatted(descriptors.size(), slots, tail));
    }
    for (long untraced = slots - descriptors.size(); untraced > 0; untraced--) {
      descriptors.add(0, PASID_CACHE);
    }
    long queue = QueueRegisters.IQA.inPlace(iqa);
    for (Held descriptor : descriptors) {
      put(queue + slot, strideLg2, descriptor);
      slot = (slot + (1L << strideLg2)) & (queueBytes - 1);
    }
    memory.barrier();
    write(RegisterMap.IQT, tailBytes, tail);
    descriptors.clear();
    tailBytes = NO_TAIL;
  }

  private void put(long address, int strideLg2, Held descriptor) {
    boolean stored =
        memory.store64(address, descriptor.low()) && memory.store64(address + 8, descriptor.high());
    if (strideLg2 == 5) {
      stored &= memory.store64(address + 16, 0) && memory.store64(address + 24, 0);
    }
    if (!stored) {
      throw malformed("the queue's slot at 0x%x is outside RAM".formatted(address));
    }
  }

  @Override
  public List<Check> finish(List<RegisterValue> registers) {
    release();
    List<Check> checks = new ArrayList<>();
    long head = mmio.read64(RegisterMap.IQH);
    checks.add(check("IQH = IQT", mmio.read64(RegisterMap.IQT), head));
    value(registers, RegisterMap.GSTS)
        .ifPresent(
            wanted ->
                checks.add(
                    check("GSTS", wanted, Integer.toUnsignedLong(mmio.read32(RegisterMap.GSTS)))));
    for (BaseRegister base : BASES) {
      value(registers, base.offset())
          .ifPresent(wanted -> checks.add(check(base.name(), wanted, mmio.read64(base.offset()))));
    }
    long errors =
        mmio.read32(RegisterMap.FSTS) & (Fsts.IQE.mask() | Fsts.ICE.mask() | Fsts.ITE.mask());
    checks.add(check("queue errors in FSTS", 0, errors));
    return checks;
  }

  private static Check check(String name, long expected, long ours) {
    return new Check(
        name, expected == ours, "0x" + Long.toHexString(expected), "0x" + Long.toHexString(ours));
  }

  private static Optional<Long> value(List<RegisterValue> registers, long offset) {
    return registers.stream()
        .filter(register -> register.offset() == offset)
        .map(RegisterValue::value)
        .findFirst();
  }

  /** A number from a NUMBER cell or a hexadecimal TEXT cell. */
  private static long number(Row row, String key) {
    Optional<Long> value = row.asLong(key);
    if (value.isPresent()) {
      return value.get();
    }
    String text = row.asText(key).orElse("");
    try {
      return Long.parseUnsignedLong(text.startsWith("0x") ? text.substring(2) : text, 16);
    } catch (NumberFormatException e) {
      throw malformed("'%s' is '%s', no number".formatted(key, text));
    }
  }

  private static IoasisException malformed(String rule) {
    return new IoasisException(Reason.MALFORMED, rule);
  }
}
