package org.ioasis.vtd.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.ChangeMode;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.machine.AtcInvalidation;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Nested domains: a guest of 16 MiB whose memory lies 256 MiB higher in the host, with first-stage
 * tables that the guest writes by hand.
 */
@Requirement(10)
class NestedTest {
  private static final int NO_PASID = FullRig.NO_PASID;
  private static final long GUEST = 0x1000_0000L;
  private static final long SIZE = 0x100_0000L;
  private static final long IOVA = 0x7F81_2345_6000L;

  private DriverDomain parent;
  private DomainBatch memory;

  private void guest(FullRig rig, DomainFlag... more) {
    DomainFlag[] flags = java.util.Arrays.copyOf(more, more.length + 1);
    flags[more.length] = DomainFlag.NEST_PARENT;
    parent = rig.paging(2, flags);
    memory = parent.batch();
    assertThat(memory.map(0, GUEST, SIZE, 3)).isEqualTo(SIZE);
    memory.sync();
    tables(rig, 0x1000, 0xABC000);
  }

  /** Four tables from a guest address on that lead the IOVA to a guest page. */
  private static void tables(FullRig rig, long top, long page) {
    put(rig, top + 8 * (IOVA >>> 39 & 0x1FF), top + 0x1000 | 7);
    put(rig, top + 0x1000 + 8 * (IOVA >>> 30 & 0x1FF), top + 0x2000 | 7);
    put(rig, top + 0x2000 + 8 * (IOVA >>> 21 & 0x1FF), top + 0x3000 | 7);
    put(rig, top + 0x3000 + 8 * (IOVA >>> 12 & 0x1FF), page | 7);
  }

  private static void put(FullRig rig, long guestAddress, long value) {
    rig.machine.memory().store64(GUEST + guestAddress, value);
  }

  private static Blob stage(long flags, long top, int width) {
    ByteBuffer bytes = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(flags).putLong(top).putInt(width).putInt(0).flip();
    return new Blob("vtd.hwpt-s1", bytes);
  }

  private DriverDomain nested(FullRig rig, long top) {
    return rig.driver.createDomain(DomainSpec.nested(parent, stage(0, top, 48), Set.of()));
  }

  private static BatchResult invalidate(DriverDomain nested, long... words) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * words.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long word : words) {
      bytes.putLong(word);
    }
    return nested
        .nested()
        .orElseThrow()
        .invalidate(new Blob("vtd.s1-invalidate", bytes.flip()), 24);
  }

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void theUsersTablesThenTheParents(Scheduler.Mode mode) {
    try (FullRig rig = new FullRig(mode).started()) {
      guest(rig);
      DriverDomain nested = nested(rig, 0x1000);
      DriverDevice device = rig.driver.addDevice(rig.a.facts());
      device.attach(NO_PASID, nested);
      device.attach(0x77, nested);
      long[] entry =
          new LiteralWalker(rig.machine.memory(), rig.unit.mmio().read64(0x20))
              .pasidEntry(0x329, 0x77);
      // P, AW 4-level, PGTT 011 and the parent's table; its own domain; the guest's top table.
      assertThat(entry[0] & 0xFFF).isEqualTo(1 | 2 << 2 | 3 << 6);
      assertThat(entry[1] & 0xFFFF).isEqualTo(nested.key()).isNotEqualTo(parent.key());
      assertThat(entry[2]).isEqualTo(0x1000);
      assertThat(rig.a.reach(NO_PASID, IOVA, 1)).isEqualTo(GUEST + 0xABC000);
      assertThat(rig.a.reach(0x77, IOVA + 8, 2)).isEqualTo(GUEST + 0xABC008);

      // The user changes a page: the old one stays until he says so.
      put(rig, 0x4000 + 8 * (IOVA >>> 12 & 0x1FF), 0xDEF000 | 7);
      assertThat(rig.a.reach(0x77, IOVA, 1)).isEqualTo(GUEST + 0xABC000);
      assertThat(invalidate(nested, IOVA, 1, 1)).isEqualTo(BatchResult.all(1));
      assertThat(rig.a.reach(0x77, IOVA, 1)).isEqualTo(GUEST + 0xDEF000);
      assertThat(rig.a.reach(NO_PASID, IOVA, 1)).isEqualTo(GUEST + 0xDEF000);
      assertThat(rig.a.invalidations)
          .containsExactlyInAnyOrder(
              new AtcInvalidation(0x329, NO_PASID, IOVA, 12, false),
              new AtcInvalidation(0x329, 0x77, IOVA, 12, false));

      // The parent loses the page: gone from both, and devices forget everything.
      rig.a.invalidations.clear();
      memory.unmap(IovaRange.of(0xDEF000, 0x1000));
      assertThat(memory.sync().complete()).isTrue();
      assertThat(rig.a.reach(0x77, IOVA, 1)).isEqualTo(-1);
      assertThat(rig.a.reach(NO_PASID, IOVA, 1)).isEqualTo(-1);
      assertThat(rig.a.invalidations)
          .contains(new AtcInvalidation(0x329, 0x77, 0, 64, false))
          .contains(new AtcInvalidation(0x329, NO_PASID, 0, 64, false));
    }
  }

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void twoUsersOfOneParentShareNoTranslation(Scheduler.Mode mode) {
    try (FullRig rig = new FullRig(mode).started()) {
      guest(rig);
      tables(rig, 0x11000, 0x555000);
      DriverDomain one = nested(rig, 0x1000);
      DriverDomain two = nested(rig, 0x11000);
      DriverDevice a = rig.driver.addDevice(rig.a.facts());
      DriverDevice b = rig.driver.addDevice(rig.b.facts());
      a.attach(NO_PASID, one);
      b.attach(NO_PASID, two);
      assertThat(rig.a.reach(NO_PASID, IOVA, 1)).isEqualTo(GUEST + 0xABC000);
      assertThat(rig.b.reach(NO_PASID, IOVA, 1)).isEqualTo(GUEST + 0x555000);
      assertThat(a.replace(NO_PASID, one, two, ChangeMode.HITLESS).hitless()).isTrue();
      assertThat(rig.a.reach(NO_PASID, IOVA, 1)).isEqualTo(GUEST + 0x555000);
      a.replace(NO_PASID, two, parent, ChangeMode.HITLESS);
      assertThat(rig.a.reach(NO_PASID, 0xABC000, 1)).isEqualTo(GUEST + 0xABC000);
      assertThatThrownBy(parent::close)
          .isInstanceOfSatisfying(
              IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BUSY))
          .hasMessageContaining("nested domains");
      a.close();
      b.close();
      one.close();
      two.close();
      parent.close();
      rig.driver.stop();
      assertThat(rig.frames.allocatedBytes()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # flags | top    | width | reason      | words
          8       | 0x1000 | 48    | UNSUPPORTED | flags 0x8
          0       | 0x1000 | 49    | INVALID     | address width 49
          0       | 0x1001 | 48    | INVALID     | top table 0x1001
          """)
  void dataThatIsRefused(long flags, String top, int width, Reason reason, String words) {
    try (FullRig rig = new FullRig(Scheduler.Mode.INLINE).started()) {
      guest(rig);
      Blob data = stage(flags, Long.decode(top), width);
      assertThatThrownBy(() -> rig.driver.createDomain(DomainSpec.nested(parent, data, Set.of())))
          .isInstanceOfSatisfying(
              IoasisException.class, e -> assertThat(e.reason()).isEqualTo(reason))
          .hasMessageContaining(words);
      DriverDomain plain = rig.paging(2);
      Blob good = stage(7, 0x1000, 57); // SRE, EAFE, WPE, five levels: all offered here
      assertThatThrownBy(() -> rig.driver.createDomain(DomainSpec.nested(plain, good, Set.of())))
          .hasMessageContaining("NEST_PARENT");
      DriverDomain nested = rig.driver.createDomain(DomainSpec.nested(parent, good, Set.of()));
      DriverDevice device = rig.driver.addDevice(rig.a.facts());
      device.attach(5, nested);
      long[] entry =
          new LiteralWalker(rig.machine.memory(), rig.unit.mmio().read64(0x20))
              .pasidEntry(0x329, 5);
      // SRE bit 128, FSPM 01 bits 131:130, WPE bit 132, EAFE bit 135.
      assertThat(entry[2]).isEqualTo(0x1000 | 1 | 1 << 2 | 1 << 4 | 1 << 7);
    }
  }

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void recordsAreProcessedUpToTheFirstBadOne(Scheduler.Mode mode) {
    try (FullRig rig = new FullRig(mode).started()) {
      guest(rig);
      DriverDomain nested = nested(rig, 0x1000);
      rig.driver.addDevice(rig.a.facts()).attach(NO_PASID, nested);
      BatchResult result = invalidate(nested, IOVA, 3, 0, 0, -1, 1, IOVA + 1, 1, 0, 0, -1, 0);
      assertThat(result.done()).isEqualTo(2);
      assertThat(result.reason()).isEqualTo(Reason.INVALID);
      assertThat(invalidate(nested, IOVA, 1, 2).reason()).isEqualTo(Reason.UNSUPPORTED);
      assertThat(invalidate(nested, IOVA, -1, 0).reason()).isEqualTo(Reason.INVALID);
      assertThat(invalidate(nested, IOVA, 0, 0)).isEqualTo(BatchResult.all(1));
      assertThat(invalidate(nested, IOVA, 0xFFFFF, 0)).isEqualTo(BatchResult.all(1));
      Blob odd = new Blob("vtd.s1-invalidate", ByteBuffer.allocate(25));
      assertThatThrownBy(() -> nested.nested().orElseThrow().invalidate(odd, 24))
          .hasMessageContaining("25 bytes");
      Blob longer = new Blob("vtd.s1-invalidate", ByteBuffer.allocate(32).putLong(24, 1));
      assertThat(nested.nested().orElseThrow().invalidate(longer, 32).reason())
          .isEqualTo(Reason.TOO_LARGE);
      rig.a.silent = true;
      BatchResult silent = invalidate(nested, 0, -1, 0);
      assertThat(silent.reason()).isEqualTo(Reason.TIMED_OUT);
      assertThat(silent.label()).isEqualTo(0x329);
      assertThat(rig.isolated).containsExactly(0x329);
    }
  }

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void aSuccessorGoesOnWithAndWithoutAHandOver(Scheduler.Mode mode) {
    try (FullRig rig = new FullRig(mode).started()) {
      guest(rig, DomainFlag.DIRTY_TRACKING);
      parent.trackDirty(true);
      DriverDomain nested = nested(rig, 0x1000);
      rig.driver.addDevice(rig.a.facts()).attach(NO_PASID, nested);
      long there = 0xABC000;
      for (boolean died : new boolean[] {false, true}) {
        Blob left = rig.driver.handOver();
        rig.driver = rig.newDriver();
        var report = rig.driver.adopt(died ? null : left, rig.sink);
        DriverDomain again = report.domains().get(nested.key());
        assertThat(again.spec().type()).isEqualTo(DomainSpec.Type.NESTED);
        assertThat(again.spec().data()).isEqualTo(stage(0, 0x1000, 48));
        DriverDomain above = again.spec().parent();
        assertThat(above.spec().flags())
            .containsExactlyInAnyOrder(DomainFlag.NEST_PARENT, DomainFlag.DIRTY_TRACKING);
        assertThat(rig.a.reach(NO_PASID, IOVA, 1)).isEqualTo(GUEST + there);
        long page = died ? 0x123000 : 0x777000;
        put(rig, 0x4000 + 8 * (IOVA >>> 12 & 0x1FF), page | 7);
        assertThat(invalidate(again, 0, -1, 0)).isEqualTo(BatchResult.all(1));
        assertThat(rig.a.reach(NO_PASID, IOVA, 1)).isEqualTo(GUEST + page);
        DomainBatch batch = above.batch();
        assertThat(batch.unmap(IovaRange.of(page, 0x1000))).isEqualTo(0x1000);
        batch.sync();
        assertThat(rig.a.reach(NO_PASID, IOVA, 1)).isEqualTo(-1);
        batch.map(page, GUEST + page, 0x1000, 3);
        batch.sync();
        there = page;
      }
      rig.driver.stop();
      assertThat(rig.frames.allocatedBytes()).isZero();
    }
  }
}
