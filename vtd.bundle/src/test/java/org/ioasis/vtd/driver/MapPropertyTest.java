package org.ioasis.vtd.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.LongBuffer;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.machine.Translation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Seeded histories of map, unmap and protect against an array with one word per page; after every
 * step the tables, read by literal positions, and the unit must say what the array says.
 */
class MapPropertyTest {
  private static final int PAGES = 3072;
  private static final long BASE = (1L << 30) - (1L << 22);
  private static final int STEPS = 40;

  static Stream<Arguments> configurations() {
    return Stream.of(DriverRig.Kind.values())
        .flatMap(kind -> Stream.of(Scheduler.Mode.values()).map(mode -> Arguments.of(kind, mode)));
  }

  private final long[] model = new long[PAGES];
  private DriverRig rig;
  private DomainBatch batch;
  private DriverDomain domain;
  private Random random;

  @ParameterizedTest
  @MethodSource("configurations")
  void historiesLeaveWhatTheArraySays(DriverRig.Kind kind, Scheduler.Mode mode) {
    try (DriverRig made = new DriverRig(kind, mode).started()) {
      rig = made;
      random = new Random(kind.name().hashCode() * 7L + 20261L);
      domain =
          rig.driver.createDomain(
              new DomainSpec(DomainSpec.Type.PAGING, Set.of(), 0, kind.stage, null, null));
      DriverDevice device = rig.driver.addDevice(DriverRig.facts());
      device.attach(DmaRequest.NO_PASID, domain);
      batch = domain.batch();
      for (int step = 0; step < STEPS; step++) {
        change();
        batch.sync();
        check(step);
      }
      device.detach(DmaRequest.NO_PASID, domain);
      domain.close();
      rig.driver.stop();
      assertThat(rig.frames.allocatedBytes()).isZero();
    }
  }

  private void change() {
    int first = random.nextInt(PAGES);
    int count = 1 + random.nextInt(Math.min(PAGES - first, random.nextBoolean() ? 700 : 8));
    switch (random.nextInt(5)) {
      case 0, 1 -> map(first, count);
      case 2 -> mapPages(first, Math.min(count, 40));
      case 3 -> unmap(first, count);
      default -> protect(first, count);
    }
  }

  private int rights() {
    return rig.kind.stage == 1 ? 1 + 2 * random.nextInt(2) : 1 + random.nextInt(3);
  }

  private int freeFrom(int first, int count) {
    int free = 0;
    while (free < count && model[first + free] == 0) {
      free++;
    }
    return free;
  }

  private void map(int first, int count) {
    long iova = BASE + first * 4096L;
    // Half of them congruent to the IOVA modulo 2 MiB, so that large pages are used.
    long address = (random.nextInt(8) << 21) + (random.nextBoolean() ? iova & 0x1F_FFFF : 0x5000);
    int rights = rights();
    int free = freeFrom(first, count);
    assertThat(batch.map(iova, address, count * 4096L, rights)).isEqualTo(free * 4096L);
    assertThat(batch.shortfall()).isEqualTo(free < count ? Reason.EXISTS : null);
    for (int i = 0; i < free; i++) {
      model[first + i] = address + i * 4096L | rights;
    }
  }

  private void mapPages(int first, int count) {
    int rights = rights();
    long[] pages = random.longs(count, 0, 1 << 17).map(page -> page << 12).toArray();
    int free = freeFrom(first, count);
    LongBuffer buffer = LongBuffer.wrap(pages);
    assertThat(batch.mapPages(BASE + first * 4096L, 12, buffer, rights)).isEqualTo(free * 4096L);
    assertThat(buffer.position()).isEqualTo(free);
    for (int i = 0; i < free; i++) {
      model[first + i] = pages[i] | rights;
    }
  }

  private void unmap(int first, int count) {
    long mapped = 0;
    for (int i = first; i < first + count; i++) {
      mapped += model[i] == 0 ? 0 : 4096;
      model[i] = 0;
    }
    assertThat(batch.unmap(IovaRange.of(BASE + first * 4096L, count * 4096L))).isEqualTo(mapped);
  }

  private void protect(int first, int count) {
    int rights = rights();
    long mapped = 0;
    for (int i = first; i < first + count; i++) {
      if (model[i] != 0) {
        mapped += 4096;
        model[i] = (model[i] & ~3L) | rights;
      }
    }
    assertThat(batch.protect(IovaRange.of(BASE + first * 4096L, count * 4096L), rights))
        .isEqualTo(mapped);
  }

  private void check(int step) {
    LiteralWalker walker = new LiteralWalker(rig.machine.memory(), rig.unit.mmio().read64(0x20));
    for (int page = 0; page < PAGES; page++) {
      long iova = BASE + page * 4096L;
      assertThat(walker.walk(DriverRig.SID, 0, iova))
          .as("step %d, tables at 0x%x", step, iova)
          .isEqualTo(model[page]);
    }
    for (int i = 0; i < 60; i++) {
      int page = random.nextInt(PAGES);
      long iova = BASE + page * 4096L;
      for (int access = 1; access <= 2; access++) {
        long answer = rig.translate(DmaRequest.NO_PASID, iova, access);
        boolean allowed = (model[page] & access) != 0;
        assertThat(Translation.isPresent(answer))
            .as("step %d, access %d at 0x%x, model 0x%x", step, access, iova, model[page])
            .isEqualTo(allowed);
        if (allowed) {
          assertThat(Translation.address(answer)).isEqualTo(model[page] & ~3L);
        }
      }
      long looked = domain.lookup(iova);
      assertThat(Translation.isPresent(looked)).isEqualTo(model[page] != 0);
    }
  }
}
