package org.ioasis.amdvi.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.amdvi.driver.DriverRig.NONE;

import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.ioasis.api.IovaRange;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.memory.PhysicalMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random maps, unmaps and changes of rights against a map of pages. Tables are read back by a
 * walker of literal bits, and replicas of a page must all say the same.
 */
class MapPropertyTest {
  private static final int PAGES = 3000, STEPS = 400;
  private static final long BASE = 0x12_3FF0_0000L, OUT = 0x100_0000;

  private final DriverRig rig = new DriverRig(Scheduler.Mode.INLINE).started();
  private final PhysicalMemory memory = rig.machine.memory();

  @AfterEach
  void close() {
    rig.close();
  }

  /** Physical address and rights of a page, 0 if it is not mapped. "I/O Page Tables". */
  private long hostWalk(long root, long iova) {
    long table = root;
    for (int level = 4; level > 0; level--) {
      int shift = 12 + 9 * (level - 1);
      long at = table + ((iova >>> shift & 0x1FF) << 3);
      long entry = memory.load64(at);
      if ((entry & 1) == 0) {
        return 0;
      }
      int next = (int) (entry >>> 9) & 7;
      if (next == 0) {
        return (entry & 0x000F_FFFF_FFFF_F000L) | (iova & (1L << shift) - 1) | (entry >>> 61 & 3);
      }
      if (next == 7) {
        int lg2 = Long.numberOfTrailingZeros(~(entry | 0xFFF)) + 1;
        long first = at & -(8L << (lg2 - shift));
        for (int i = 0; i < 1 << (lg2 - shift); i++) {
          assertThat(memory.load64(first + 8L * i)).as("replica %d", i).isEqualTo(entry);
        }
        return (entry & 0x000F_FFFF_FFFF_F000L & -(1L << lg2))
            | (iova & (1L << lg2) - 1)
            | (entry >>> 61 & 3);
      }
      assertThat(next).as("no level is skipped").isEqualTo(level - 1);
      table = entry & 0x000F_FFFF_FFFF_F000L;
    }
    throw new AssertionError("a directory at level 1");
  }

  private long guestWalk(long root, long iova) {
    long table = root;
    for (int level = 4; level > 0; level--) {
      int shift = 12 + 9 * (level - 1);
      long entry = memory.load64(table + ((iova >>> shift & 0x1FF) << 3));
      if ((entry & 1) == 0) {
        return 0;
      }
      table = entry & 0x000F_FFFF_FFFF_F000L;
      if (level == 1 || (level < 4 && (entry & 0x80) != 0)) {
        return table | (iova & (1L << shift) - 1) | 1 | (entry & 2);
      }
    }
    throw new AssertionError("no leaf");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void tablesSayWhatWasAsked(int stage) {
    DriverDomain domain =
        rig.driver.createDomain(
            new DomainSpec(DomainSpec.Type.PAGING, Set.of(), 0, stage, null, null));
    DriverDevice device = rig.driver.addDevice(DriverRig.facts());
    device.attach(NONE, domain);
    SplittableRandom random = new SplittableRandom(stage);
    Map<Long, Long> model = new TreeMap<>();
    DomainBatch batch = domain.batch();
    for (int step = 0; step < STEPS; step++) {
      long first = random.nextInt(PAGES);
      long count = 1L + random.nextInt(1 << random.nextInt(11));
      int rights = random.nextBoolean() ? 3 : 1;
      long iova = BASE + (first << 12);
      switch (random.nextInt(3)) {
        case 0 -> {
          long out = OUT + (random.nextBoolean() ? first : random.nextInt(4096) << 12);
          long address = out & -0x1000L;
          long done = batch.map(iova, address, count << 12, rights) >>> 12;
          for (long page = 0; page < count; page++) {
            boolean free = !model.containsKey(first + page);
            assertThat(page < done).as("page %d of %d", page, count).isEqualTo(free && page < done);
            if (page < done) {
              model.put(first + page, address + (page << 12) | rights);
            } else if (page == done) {
              assertThat(free).isFalse();
            }
          }
        }
        case 1 -> {
          long removed = batch.unmap(IovaRange.of(iova, count << 12)) >>> 12;
          long expected = 0;
          for (long page = first; page < first + count; page++) {
            expected += model.remove(page) == null ? 0 : 1;
          }
          assertThat(removed).isEqualTo(expected);
        }
        default -> {
          batch.protect(IovaRange.of(iova, count << 12), rights);
          for (long page = first; page < first + count; page++) {
            model.computeIfPresent(page, (key, value) -> (value & -4L) | rights);
          }
        }
      }
      if (step % 8 == 0) {
        assertThat(batch.sync().complete()).isTrue();
        compare(domain, model, stage);
      }
    }
    batch.unmap(IovaRange.of(BASE, ((long) PAGES + 2048) << 12));
    batch.sync();
    device.detach(NONE, domain);
    domain.close();
    device.close();
    rig.driver.stop();
    assertThat(rig.held()).isEqualTo(rig.framesBefore);
  }

  private void compare(DriverDomain domain, Map<Long, Long> model, int stage) {
    for (long page = 0; page < PAGES + 1024; page += 7) {
      long iova = BASE + (page << 12);
      long found = stage == 2 ? hostWalk(domain.key(), iova) : guestWalk(domain.key(), iova);
      assertThat(found).as("page %d", page).isEqualTo(model.getOrDefault(page, 0L));
    }
  }

  @Test
  void largePagesAreUsed() {
    DriverDomain domain =
        rig.driver.createDomain(DomainSpec.paging(Set.of(DomainFlag.ENFORCE_SNOOP)));
    DomainBatch batch = domain.batch();
    batch.map(0x1_0000, 0x1_0000, 0x1_0000, 3); // 64 KiB: sixteen equal entries
    batch.map(0x4000_0000L, 0, 0x20_0000, 1);
    batch.sync();
    long level3 = memory.load64(domain.key()) & 0x000F_FFFF_FFFF_F000L;
    long level2 = memory.load64(level3) & 0x000F_FFFF_FFFF_F000L;
    long level1 = memory.load64(level2) & 0x000F_FFFF_FFFF_F000L;
    assertThat(memory.load64(level1 + 8 * 16)).isEqualTo(0x7000_0000_0001_7E01L);
    assertThat(memory.load64(level1 + 8 * 31)).isEqualTo(0x7000_0000_0001_7E01L);
    long second = memory.load64(level3 + 8) & 0x000F_FFFF_FFFF_F000L;
    assertThat(memory.load64(second)).isEqualTo(0x3000_0000_0000_0001L);
  }
}
