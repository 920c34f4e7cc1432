package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the interrupt entry cache keeps, and what each invalidation removes. */
class InterruptEntryCacheTest {
  private static final String OLD = "12300fee45008:4031";
  private static final String NEW = "12300fee45008:4032";
  private static final long NEW_LO = 0x0001_2345_0032_0009L;

  private static InterruptRig cached(InterruptRig rig, int... indices) {
    rig.enabled(InterruptRig.EIME);
    for (int index : indices) {
      rig.entry(index, InterruptRig.X2APIC_LO, InterruptRig.HI);
      assertThat(rig.send(index)).isEqualTo(OLD);
      rig.entry(index, NEW_LO, InterruptRig.HI);
    }
    return rig;
  }

  @ParameterizedTest
  @CsvSource({"4, NEW", "0000000500000014, NEW", "0000000400000014, OLD"})
  void anEntryIsStaleUntilItIsInvalidated(String descriptor, String after) {
    InterruptRig rig = cached(InterruptRig.plain(), 5);
    assertThat(rig.send(5)).isEqualTo(OLD);
    rig.invalidate(Long.parseLong(descriptor, 16));
    assertThat(rig.rig.r64(0x80)).isEqualTo(0x10);
    assertThat(rig.send(5)).isEqualTo(after.equals("NEW") ? NEW : OLD);
  }

  /** The worked descriptor, and masks from 1 entry to all. */
  @ParameterizedTest
  @CsvSource({
    "0000123818000014, 1238, 123F",
    "0000123A18000014, 1238, 123F",
    "0000123A00000014, 123A, 123A",
    "0000123A08000014, 123A, 123B",
    "0000123A20000014, 1230, 123F",
    "0000123A78000014, 0,    7FFF",
    "0000800078000014, 8000, FFFF",
  })
  void ranges(String descriptor, String first, String last) {
    int[] all = {
      0, 1, 0x1230, 0x1237, 0x1238, 0x123A, 0x123B, 0x123F, 0x1240, 0x7FFF, 0x8000, 0xFFFF
    };
    InterruptRig rig = cached(InterruptRig.plain(), all);
    rig.invalidate(Long.parseLong(descriptor, 16));
    Set<Integer> removed = new TreeSet<>();
    Set<Integer> covered = new TreeSet<>();
    for (int index : all) {
      if (index >= Integer.parseInt(first, 16) && index <= Integer.parseInt(last, 16)) {
        covered.add(index);
      }
      if (rig.send(index).equals(NEW)) {
        removed.add(index);
      }
    }
    assertThat(removed).isEqualTo(covered).isNotEmpty();
  }

  /** MHMV is 3: a mask of 3 works, 4 is an error and removes nothing; global has no mask. */
  @ParameterizedTest
  @CsvSource({
    "0000000018000014, 0,  NEW",
    "0000000020000014, 10, OLD",
    "0000000020000004, 0,  NEW",
    "0000000000000024, 10, OLD",
    "8000000000000004, 10, OLD",
  })
  void masksAndReservedBits(String descriptor, String fsts, String after) {
    InterruptRig rig = cached(InterruptRig.shortMask(), 5);
    rig.invalidate(Long.parseUnsignedLong(descriptor, 16));
    assertThat(rig.rig.r32(0x34)).isEqualTo(Long.parseLong(fsts, 16));
    assertThat(rig.rig.r64(0xB0) & 0xF).isEqualTo(fsts.equals("0") ? 0 : 4);
    assertThat(rig.send(5)).isEqualTo(after.equals("NEW") ? NEW : OLD);
  }

  @Test
  void aNewTableNeedsAnInvalidationWithoutEsirtps() {
    InterruptRig rig = cached(InterruptRig.plain(), 5);
    rig.rig.poke(0x30_0050L, NEW_LO, InterruptRig.HI);
    rig.rig.w64(0xB8, 0x30_080FL);
    assertThat(rig.send(5)).as("IRTA alone changes nothing").isEqualTo(OLD);
    rig.table(0x30_080FL);
    assertThat(rig.send(5)).as("cached").isEqualTo(OLD);
    assertThat(rig.invalidate(4).send(5)).isEqualTo(NEW);
  }

  @Test
  void aNewTableIsEnoughWithEsirtps() {
    InterruptRig rig = cached(InterruptRig.pointerInvalidates(), 5);
    assertThat(rig.send(5)).isEqualTo(OLD);
    rig.rig.poke(0x30_0050L, NEW_LO, InterruptRig.HI);
    rig.table(0x30_080FL);
    assertThat(rig.send(5)).isEqualTo(NEW);
  }

  /** What was refused is not cached, so a repair needs no invalidation. */
  @ParameterizedTest
  @CsvSource({"0, 40329", "0001234500311009, 40329", "0001234500318009, 40329"})
  void refusedEntriesAreNotCached(String lo, String hi) {
    InterruptRig rig = InterruptRig.plain().enabled(InterruptRig.EIME);
    rig.entry(5, Long.parseUnsignedLong(lo, 16), Long.parseUnsignedLong(hi, 16));
    assertThat(rig.send(5)).isEqualTo("-");
    rig.entry(5, NEW_LO, InterruptRig.HI);
    assertThat(rig.send(5)).isEqualTo(NEW);
  }

  /** DMA invalidations leave interrupt entries alone, and so does SRTP with ESRTPS. */
  @Test
  void otherInvalidationsDoNotReachIt() {
    InterruptRig rig = cached(InterruptRig.plain(), 5);
    rig.invalidate(0x11).invalidate(0xD2);
    rig.rig.w32(0x18, 0x4600_0000L);
    assertThat(rig.send(5)).isEqualTo(OLD);
    rig.rig.unit.state().dropCaches();
    assertThat(rig.send(5)).isEqualTo(NEW);
  }

  /** A race: between the fetch of an entry and its fill an invalidation completes. */
  @Test
  void aFillThatAnInvalidationOvertookIsDropped() {
    InterruptEntryCache cache = new InterruptEntryCache(VtdProfiles.FULL);
    long epoch = cache.epoch();
    cache.invalidate(5, 0);
    cache.fill(epoch, new InterruptEntryCache.Entry(5, 1, 2));
    assertThat(cache.lookup(5)).isNull();
    cache.fill(cache.epoch(), new InterruptEntryCache.Entry(5, 1, 2));
    assertThat(cache.lookup(5).hi).isEqualTo(2);
    assertThat(cache.lookup(4)).isNull();
  }
}
