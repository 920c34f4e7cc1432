package org.ioasis.smmuv3.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.smmuv3.driver.DriverRig.NONE;

import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.ioasis.api.IovaRange;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.memory.PhysicalMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Random maps, unmaps and changes of rights against a map of pages, for both stages and every
 * granule. Tables are read back by a walker of literal bits, and the unit translates by them.
 */
class MapPropertyTest {
  private static final int PAGES = 3000, STEPS = 200;

  private final DriverRig rig = new DriverRig(Scheduler.Mode.INLINE);
  private final PhysicalMemory memory = rig.machine.memory();

  @AfterEach
  void close() {
    rig.close();
  }

  /** Address and rights of a page, 0 if it is not mapped. */
  private long walk(long root, long iova, int stage, int granule, int inputBits) {
    int bits = granule - 3;
    int level = 4 - (inputBits - 4) / bits;
    if (stage == 2 && inputBits - (granule + (3 - level) * bits) <= 4) {
      level++;
    }
    long table = root;
    boolean first = true;
    for (; level <= 3; level++) {
      int shift = granule + (3 - level) * bits;
      long index = first ? iova >>> shift : iova >>> shift & (1L << bits) - 1;
      first = false;
      long entry = memory.load64(table + 8 * index);
      if ((entry & 1) == 0) {
        return 0;
      }
      boolean table3 = (entry & 2) != 0;
      long address = entry & 0x0000_FFFF_FFFF_F000L;
      if (level == 3 || !table3) {
        assertThat(table3).as("level %d", level).isEqualTo(level == 3);
        long rights = stage == 1 ? 1 | ((entry >>> 7 & 1) == 0 ? 2 : 0) : entry >>> 6 & 3;
        return address | (iova & (1L << shift) - 1) | rights;
      }
      table = address;
    }
    throw new AssertionError("no leaf");
  }

  @ParameterizedTest
  @CsvSource({"1, 12", "2, 12", "1, 14", "2, 14", "1, 16", "2, 16"})
  void tablesSayWhatWasAsked(int stage, int granule) {
    rig.driver =
        new SmmuDriverFactory().create(rig.environment, Map.of("granule.lg2", (long) granule));
    rig.driver.start(rig.faults);
    DriverDomain domain =
        rig.driver.createDomain(
            new DomainSpec(DomainSpec.Type.PAGING, Set.of(), 0, stage, null, null));
    DriverDevice device = rig.driver.addDevice(rig.facts());
    device.attach(NONE, domain);
    long base = 0x2_3FF0_0000L & -(1L << granule);
    SplittableRandom random = new SplittableRandom(stage * 100L + granule);
    Map<Long, Long> model = new TreeMap<>();
    DomainBatch batch = domain.batch();
    for (int step = 0; step < STEPS; step++) {
      long first = random.nextInt(PAGES);
      long count = 1L + random.nextInt(1 << random.nextInt(11));
      int rights = random.nextBoolean() ? 3 : 1;
      long iova = base + (first << granule);
      switch (random.nextInt(3)) {
        case 0 -> {
          long address = (random.nextBoolean() ? first : random.nextInt(2000)) << granule;
          long done = batch.map(iova, address, count << granule, rights) >>> granule;
          for (long page = 0; page < done; page++) {
            assertThat(model.put(first + page, address + (page << granule) | rights)).isNull();
          }
          assertThat(done == count || model.containsKey(first + done)).isTrue();
        }
        case 1 -> {
          long removed = batch.unmap(IovaRange.of(iova, count << granule)) >>> granule;
          long expected = 0;
          for (long page = first; page < first + count; page++) {
            expected += model.remove(page) == null ? 0 : 1;
          }
          assertThat(removed).isEqualTo(expected);
        }
        default -> {
          batch.protect(IovaRange.of(iova, count << granule), rights);
          for (long page = first; page < first + count; page++) {
            model.computeIfPresent(page, (key, value) -> (value & -4L) | rights);
          }
        }
      }
      if (step % 8 == 0) {
        assertThat(batch.sync().complete()).isTrue();
        compare(domain, model, base, stage, granule);
      }
    }
    batch.unmap(IovaRange.of(base, ((long) PAGES + 2048) << granule));
    batch.sync();
    device.detach(NONE, domain);
    domain.close();
    device.close();
    rig.driver.stop();
    assertThat(rig.held()).isEqualTo(rig.framesBefore);
  }

  private void compare(
      DriverDomain domain, Map<Long, Long> model, long base, int stage, int granule) {
    int inputBits = 64 - Long.numberOfLeadingZeros(domain.limits().windows().get(0).last());
    for (long page = 0; page < PAGES + 1024; page += 7) {
      long iova = base + (page << granule);
      long expected = model.getOrDefault(page, 0L);
      assertThat(walk(domain.key(), iova, stage, granule, inputBits))
          .as("page %d", page)
          .isEqualTo(expected);
      if (page % 63 == 0) {
        boolean reads = rig.read(NONE, iova) == TransferStatus.OK;
        assertThat(reads).as("the unit at page %d", page).isEqualTo(expected != 0);
      }
    }
  }
}
