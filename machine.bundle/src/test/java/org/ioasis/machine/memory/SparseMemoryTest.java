package org.ioasis.machine.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.Word128;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SparseMemoryTest {
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;

  private static SparseMemory ram(long size) {
    return new SparseMemory(48, List.of(MemoryRegion.ram(0, size)));
  }

  @ParameterizedTest
  @ValueSource(longs = {MIB, 256 * MIB, 66 * GIB})
  void bytesAreLittleEndian(long size) {
    SparseMemory memory = ram(size);
    assertThat(memory.store64(0x1000, 0x1122334455667788L)).isTrue();
    assertThat(memory.load8(0x1000)).isEqualTo((byte) 0x88);
    assertThat(memory.load8(0x1007)).isEqualTo((byte) 0x11);
    assertThat(memory.load16(0x1002)).isEqualTo((short) 0x5566);
    assertThat(memory.load32(0x1004)).isEqualTo(0x11223344);
    assertThat(memory.store8(0x1001, (byte) 0xAA)).isTrue();
    assertThat(memory.store16(0x1006, (short) 0xBBCC)).isTrue();
    assertThat(memory.load64(0x1000)).isEqualTo(0xBBCC33445566AA88L);
    assertThat(memory.store32(0x1000, 0x01020304)).isTrue();
    assertThat(memory.load64(0x1000)).isEqualTo(0xBBCC334401020304L);
  }

  @ParameterizedTest
  @ValueSource(longs = {MIB, 256 * MIB, 66 * GIB})
  void outsideRamIsABusErrorWithoutEffect(long size) {
    SparseMemory memory = ram(size);
    for (long address : new long[] {size, size + 8, 1L << 47, 1L << 56, Long.MIN_VALUE, -8}) {
      assertThat(memory.load64(address)).isEqualTo(-1);
      assertThat(memory.load8(address)).isEqualTo((byte) -1);
      assertThat(memory.store64(address, 1)).isFalse();
      assertThat(memory.store32(address, 1)).isFalse();
      assertThat(memory.compareAndExchange64(address, -1, 1)).isEqualTo(-1);
      assertThat(memory.getAndAdd64(address, 1)).isEqualTo(-1);
      assertThat(memory.status(address, 1)).isEqualTo(MemoryStatus.ABSENT);
    }
    assertThat(memory.residentBytes()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, OK",
    "0xfffff, 1, OK",
    "0xfffff, 2, ABSENT",
    "0x100000, 0, OK",
    "0, -1, ABSENT",
    "-1, 2, ABSENT",
    "0x7fffffffffffffff, 1, ABSENT",
    "8, 0x7fffffffffffffff, ABSENT"
  })
  void statusOfARange(String address, String length, MemoryStatus expected) {
    assertThat(ram(MIB).status(Long.decode(address), Long.decode(length))).isEqualTo(expected);
  }

  @Test
  void aBulkCopyThatLeavesRamWritesNothing() {
    SparseMemory memory = ram(MIB);
    assertThat(memory.write(MIB - 8, ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9})))
        .isEqualTo(MemoryStatus.ABSENT);
    assertThat(memory.load64(MIB - 8)).isZero();
    assertThat(memory.fill(MIB - 8, 9, (byte) 5)).isEqualTo(MemoryStatus.ABSENT);
    assertThat(memory.load64(MIB - 8)).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {MIB, 256 * MIB, 66 * GIB})
  void misalignedAccessIsTheCallersError(long size) {
    SparseMemory memory = ram(size);
    assertThatThrownBy(() -> memory.load64(0x1004))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("8 bytes at 0x1004");
    assertThatThrownBy(() -> memory.store32(0x1002, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> memory.load16(0x1001)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> memory.load128(0x1008, new Word128()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> memory.compareAndExchange32(0x1001, 0, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void backingIsAskedOncePerChunkAndNeverBeyondItsRegion() {
    AtomicInteger asked = new AtomicInteger();
    MemoryRegion file =
        new MemoryRegion(
            0x3000,
            0x1_8FFF,
            (address, into) -> {
              asked.incrementAndGet();
              assertThat(address & 0xFFF).isZero();
              assertThat(address + into.remaining()).isLessThanOrEqualTo(0x1_9000);
              MemoryModel.fillPattern(address, into);
            });
    SparseMemory memory =
        new SparseMemory(48, List.of(file, MemoryRegion.ram(0x2_0000, 256 * MIB)));
    assertThat(memory.residentBytes()).isZero();
    for (long at = 0x3000; at < 0x1_9000; at++) {
      assertThat(memory.load8(at)).isEqualTo(MemoryModel.patternAt(at));
    }
    assertThat(asked).hasValue(2);
    assertThat(memory.residentBytes()).isEqualTo(2 << 16);
    assertThat(memory.load64(0x2FF8)).isEqualTo(-1);
    assertThat(memory.load64(0x1_9000)).isEqualTo(-1);
    assertThat(memory.store64(0x1_9000, 0)).isFalse();
    assertThat(memory.store64(0x1_8FF8, 7)).isTrue();
    assertThat(memory.load64(0x1_8FF8)).isEqualTo(7);
  }

  @Test
  void poisonHidesAndHealingShowsWhatWasThere() {
    SparseMemory memory = ram(256 * MIB);
    memory.store64(0x1000, 11);
    memory.store64(0x1008, 22);
    memory.poison(0x100C, 1);
    assertThat(memory.load64(0x1000)).isEqualTo(11);
    assertThat(memory.load64(0x1008)).isEqualTo(-1);
    assertThat(memory.store64(0x1008, 33)).isFalse();
    assertThat(memory.store64(0x1010, 44)).isTrue();
    assertThat(memory.status(0x1000, 16)).isEqualTo(MemoryStatus.POISONED);
    Word128 word = new Word128();
    assertThat(memory.load128(0x1000, word)).isEqualTo(MemoryStatus.POISONED);
    assertThat(word.lo()).isEqualTo(-1);
    memory.heal(0x1000, 0x1000);
    assertThat(memory.load64(0x1008)).isEqualTo(22);
    assertThat(memory.load64(0x1010)).isEqualTo(44);
  }

  @ParameterizedTest
  @ValueSource(longs = {MIB, 256 * MIB, 66 * GIB})
  void rollbackUndoesEveryStoreAndMayComeAgain(long size) {
    SparseMemory memory = ram(size);
    assertThatThrownBy(memory::rollback).isInstanceOf(IllegalStateException.class);
    memory.store64(0x1000, 1);
    memory.checkpoint();
    for (int round = 0; round < 3; round++) {
      memory.store64(0x1000, 2);
      memory.store8(0xF_0000, (byte) 3);
      memory.getAndAdd64(0x1008, 4);
      memory.rollback();
      assertThat(memory.load64(0x1000)).isEqualTo(1);
      assertThat(memory.load64(0x1008)).isZero();
      assertThat(memory.load8(0xF_0000)).isZero();
    }
    memory.store64(0x1000, 5);
    memory.checkpoint();
    memory.store64(0x1000, 6);
    memory.rollback();
    assertThat(memory.load64(0x1000)).isEqualTo(5);
  }

  @Test
  void readingEmptyRamCostsNothing() {
    SparseMemory memory = ram(66 * GIB);
    for (long at = 0; at < 66 * GIB; at += GIB / 2) {
      assertThat(memory.load64(at)).isZero();
    }
    assertThat(memory.fill(0, 66 * GIB, (byte) 0)).isEqualTo(MemoryStatus.OK);
    assertThat(memory.residentBytes()).isZero();
  }

  @Test
  void theSharedZerosAreNeverWritten() {
    SparseMemory first = ram(66 * GIB);
    SparseMemory second = ram(66 * GIB);
    assertThat(first.load64(0x10_0000)).isZero();
    first.checkpoint();
    for (long at = 0x10_0000; at < 0x10_4000; at += 8) {
      first.store64(at, at);
    }
    assertThat(second.load64(0x10_0008)).isZero();
    first.rollback();
    assertThat(first.load64(0x10_0008)).isZero();
  }

  @Test
  void a56BitAddressIsReached() {
    long base = (1L << 56) - 0x1000;
    SparseMemory memory = new SparseMemory(56, List.of(MemoryRegion.ram(base, 0x1000)));
    assertThat(memory.store64(base + 0xFF8, 9)).isTrue();
    assertThat(memory.load64(base + 0xFF8)).isEqualTo(9);
    assertThat(memory.load64(base - 8)).isEqualTo(-1);
    assertThat(memory.load64(1L << 56)).isEqualTo(-1);
  }
}
