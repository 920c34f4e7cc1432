package org.ioasis.vtd.hardware;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.inspect.CommandReplay;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.api.state.RegisterValue;
import org.ioasis.kit.inspect.RowNumbers;
import org.ioasis.vtd.format.Cap;
import org.ioasis.vtd.format.Descriptor;
import org.ioasis.vtd.format.Fsts;
import org.ioasis.vtd.format.InvalidationWait;
import org.ioasis.vtd.format.PasidCacheInvalidate;
import org.ioasis.vtd.format.QueueRegisters;
import org.ioasis.vtd.format.RegisterMap;

/**
 * Replays the register writes and invalidation descriptors of a capture.
 *
 * <p>Rows of descriptors follow the tail write that submitted them, so a tail write is held until
 * the next register write. PASID-cache invalidations leave no row: of the slots that a tail write
 * submits, those without a row come first, since a driver ends each submission with a wait; they
 * become global ones, or fences in a queue of 128-bit descriptors, which cannot hold any. Writes to
 * FSTS and to fault records are left out.
 */
final class VtdCommandReplay implements CommandReplay {
  private static final long LOW = 0xFFFF_FFFFL;

  private final Mmio mmio;
  private final PhysicalMemory memory;
  private final List<long[]> rows = new ArrayList<>();
  private boolean held;
  private int heldBytes;
  private long heldTail;

  VtdCommandReplay(Mmio mmio, PhysicalMemory memory) {
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
    submit();
    long offset = number(row, "offset");
    long value = number(row, "value");
    int bytes = (int) number(row, "size");
    if (bytes != 4 && bytes != 8) {
      throw malformed(row, "size is neither 4 nor 8");
    }
    if (offset == RegisterMap.IQT) {
      held = true;
      heldTail = value;
      heldBytes = bytes;
    } else if (offset != RegisterMap.FSTS && !isFaultRecord(offset)) {
      write(offset, bytes, value);
    }
  }

  private boolean isFaultRecord(long offset) {
    long cap = mmio.read64(RegisterMap.CAP);
    long first = Cap.FRO.get(cap) * 16;
    return offset >= first && offset < first + 16 * (Cap.NFR.get(cap) + 1);
  }

  private void write(long offset, int bytes, long value) {
    if (bytes == 8) {
      mmio.write64(offset, value);
    } else {
      mmio.write32(offset, (int) value);
    }
  }

  private void command(Row row) {
    if (!held) {
      throw malformed(row, "no tail write submits this command");
    }
    rows.add(new long[] {number(row, "lo"), number(row, "hi")});
  }

  /** Puts the descriptors of the held tail write into their slots and does the write. */
  private void submit() {
    if (!held) {
      return;
    }
    held = false;
    long iqa = mmio.read64(RegisterMap.IQA);
    long size = QueueRegisters.queueBytes(iqa);
    int stepLg2 = QueueRegisters.descriptorLg2(iqa);
    long head = mmio.read64(RegisterMap.IQH);
    int slots = (int) (((heldTail - head) & (size - 1)) >>> stepLg2);
    int silent = slots - rows.size();
    if (silent < 0) {
      throw new IoasisException(
          Reason.MALFORMED,
          "replay refused: tail 0x%x submits %d slots of the queue at 0x%x, %d commands follow it"
              .formatted(heldTail, slots, QueueRegisters.IQA.inPlace(iqa), rows.size()));
    }
    for (int slot = 0; slot < slots; slot++) {
      long place = (head + ((long) slot << stepLg2)) & (size - 1);
      put(
          QueueRegisters.IQA.inPlace(iqa) + place,
          slot < silent ? silentDescriptor(iqa) : rows.get(slot - silent),
          1 << (stepLg2 - 3));
    }
    rows.clear();
    write(RegisterMap.IQT, heldBytes, heldTail);
  }

  private static long[] silentDescriptor(long iqa) {
    long word =
        QueueRegisters.DW.isSet(iqa)
            ? Descriptor.TYPE.of(PasidCacheInvalidate.CODE)
                | PasidCacheInvalidate.G.of(PasidCacheInvalidate.GLOBAL)
            : Descriptor.TYPE.of(InvalidationWait.CODE) | InvalidationWait.FN.mask();
    return new long[] {word, 0};
  }

  private void put(long address, long[] descriptor, int words) {
    boolean stored = true;
    for (int word = 0; word < words; word++) {
      stored &= memory.store64(address + 8L * word, word < 2 ? descriptor[word] : 0);
    }
    if (!stored) {
      throw new IoasisException(
          Reason.MALFORMED,
          "replay refused: the queue slot at 0x%x is not in memory".formatted(address));
    }
    memory.barrier();
  }

  @Override
  public List<Check> finish(List<RegisterValue> registers) {
    submit();
    List<Check> checks = new ArrayList<>();
    long head = mmio.read64(RegisterMap.IQH);
    long tail = mmio.read64(RegisterMap.IQT);
    checks.add(check("IQH equals IQT", tail, head));
    long iqe = mmio.read32(RegisterMap.FSTS) & Fsts.IQE.mask();
    checks.add(check("FSTS.IQE", 0, iqe));
    for (RegisterValue captured : registers) {
      switch ((int) captured.offset()) {
        case RegisterMap.GSTS ->
            checks.add(check("GSTS", captured.value(), mmio.read32(RegisterMap.GSTS) & LOW));
        case RegisterMap.RTADDR -> checks.add(wide("RTADDR", captured));
        case RegisterMap.IQT -> checks.add(wide("IQT", captured));
        case RegisterMap.IQA -> checks.add(wide("IQA", captured));
        case RegisterMap.IRTA -> checks.add(wide("IRTA", captured));
        default -> {
          // Only queue positions, enables and base registers are compared.
        }
      }
    }
    return checks;
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
