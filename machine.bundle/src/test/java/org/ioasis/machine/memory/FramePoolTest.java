package org.ioasis.machine.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.api.memory.MemoryBacking;
import org.ioasis.api.memory.MemoryRegion;
import org.junit.jupiter.api.Test;

class FramePoolTest {
  private static final long MIB = 1L << 20;
  private final SparseMemory memory = new SparseMemory(48, List.of(MemoryRegion.ram(0, 64 * MIB)));
  private int graces;
  private final FramePool pool =
      new FramePool(
          memory, new MemoryRegion(3 * MIB, 16 * MIB - 1, MemoryBacking.ZERO), () -> graces++);

  private static void refused(Reason reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  @Test
  void refusesFramesThatAreNotTheOwners() {
    FrameAllocator one = pool.open("one");
    FrameAllocator two = pool.open("two");
    long frame = one.allocate(12);
    refused(Reason.DENIED, () -> two.free(frame, 12));
    refused(Reason.INVALID, () -> one.free(frame, 13));
    refused(Reason.INVALID, () -> one.free(frame + 0x1000, 12));
    refused(Reason.INVALID, () -> one.allocate(11));
    refused(Reason.INVALID, () -> one.allocate(31));
    refused(Reason.EXISTS, () -> pool.open("one"));
    one.free(frame, 12);
    refused(Reason.INVALID, () -> one.free(frame, 12));
    assertThat(one.allocatedBytes()).isZero();
  }

  @Test
  void tellsAnOwnerWhatItHolds() {
    FrameAllocator one = pool.open("one");
    FrameAllocator two = pool.open("two");
    long first = one.allocate(12);
    two.allocate(12);
    long second = one.allocate(14);
    Map<Long, Integer> held = new java.util.LinkedHashMap<>();
    one.forEach(held::put);
    assertThat(held).containsExactly(Map.entry(first, 12), Map.entry(second, 14));
    one.free(first, 12);
    held.clear();
    one.forEach(held::put);
    assertThat(held).containsOnly(Map.entry(second, 14));
  }

  @Test
  void framesAreZeroedAndAligned() {
    memory.fill(3 * MIB, MIB, (byte) 0xEE);
    FrameAllocator frames = pool.open("one");
    long frame = frames.allocate(14);
    assertThat(frame).isEqualTo(3 * MIB);
    for (long at = frame; at < frame + 0x4000; at += 8) {
      assertThat(memory.load64(at)).isZero();
    }
    assertThat(memory.load64(frame + 0x4000)).isEqualTo(0xEEEE_EEEE_EEEE_EEEEL);
    assertThat(frames.allocate(21) & 2 * MIB - 1).isZero();
  }

  @Test
  void closingGivesBackAfterTheGrace() {
    FrameAllocator frames = pool.open("one");
    frames.allocate(12);
    frames.allocate(20);
    assertThat(pool.freeBytes()).isEqualTo(12 * MIB - 0x1000);
    frames.close();
    frames.close();
    assertThat(graces).isEqualTo(1);
    assertThat(pool.freeBytes()).isEqualTo(13 * MIB);
    refused(Reason.GONE, () -> frames.allocate(12));
    refused(Reason.GONE, () -> frames.free(3 * MIB, 12));
    assertThat(pool.open("one").allocate(23)).isEqualTo(8 * MIB);
  }

  @Test
  void aGraceThatMayNotBeAwaitedLeavesAllAsItWas() {
    FramePool inBurst =
        new FramePool(
            memory,
            MemoryRegion.ram(0, MIB),
            () -> {
              throw new IllegalStateException("inside a burst");
            });
    FrameAllocator frames = inBurst.open("one");
    long frame = frames.allocate(12);
    assertThatThrownBy(frames::close).isInstanceOf(IllegalStateException.class);
    frames.free(frame, 12);
    assertThat(inBurst.freeBytes()).isEqualTo(MIB);
  }

  @Test
  void saysWhenNothingIsLeft() {
    FrameAllocator frames = pool.open("one");
    frames.allocate(23);
    refused(Reason.EXHAUSTED, () -> frames.allocate(23));
    assertThat(frames.allocatedBytes()).isEqualTo(8 * MIB);
  }

  @Test
  void poisonedFramesAreNotHandedOut() {
    memory.poison(3 * MIB + 0x1008, 8);
    FrameAllocator frames = pool.open("one");
    assertThat(frames.allocate(12)).isEqualTo(3 * MIB);
    assertThat(frames.allocate(12)).isEqualTo(3 * MIB + 0x2000);
    assertThat(frames.allocatedBytes()).isEqualTo(0x2000);
  }

  @Property(tries = 60, seed = "20250101")
  void runsNeverOverlapAndAllComeBack(@ForAll long seed) {
    Random random = new Random(seed);
    FramePool own =
        new FramePool(
            memory, new MemoryRegion(3 * MIB, 16 * MIB - 1, MemoryBacking.ZERO), () -> {});
    FrameAllocator frames = own.open("owner");
    Map<Long, Integer> taken = new HashMap<>();
    for (int i = 0; i < 200; i++) {
      if (taken.isEmpty() || random.nextInt(5) < 3) {
        int lg2 = 12 + random.nextInt(6);
        long base = frames.allocate(lg2);
        assertThat(base & (1L << lg2) - 1).isZero();
        assertThat(base).isBetween(3 * MIB, 16 * MIB - (1L << lg2));
        taken.forEach(
            (other, otherLg2) ->
                assertThat(base + (1L << lg2) <= other || other + (1L << otherLg2) <= base)
                    .as("0x%x and 0x%x", base, other)
                    .isTrue());
        taken.put(base, lg2);
      } else {
        long victim = taken.keySet().iterator().next();
        frames.free(victim, taken.remove(victim));
      }
      long held = taken.values().stream().mapToLong(lg2 -> 1L << lg2).sum();
      assertThat(frames.allocatedBytes()).isEqualTo(held);
      assertThat(own.freeBytes()).isEqualTo(13 * MIB - held);
    }
    frames.close();
    assertThat(own.freeBytes()).isEqualTo(13 * MIB);
    assertThat(own.open("next").allocate(23)).isEqualTo(8 * MIB);
  }
}
