package org.ioasis.vtd.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.machine.Scheduler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Written pages, marked by the unit in either stage. */
class DirtyTest {
  private static final int NO_PASID = FullRig.NO_PASID;
  private static final long IOVA = 0x12_3440_0000L;

  static Stream<Arguments> stages() {
    return Stream.of(Scheduler.Mode.values())
        .flatMap(mode -> Stream.of(Arguments.of(mode, 1), Arguments.of(mode, 2)));
  }

  private static List<String> read(DriverDomain domain, long first, long length, boolean clear) {
    List<String> runs = new ArrayList<>();
    domain.readDirty(
        IovaRange.of(first, length),
        clear,
        (iova, bytes) -> runs.add("%x+%x".formatted(iova, bytes)));
    return runs;
  }

  @ParameterizedTest
  @MethodSource("stages")
  void whatWasWrittenIsToldAndMarkedAgainAfterAClear(Scheduler.Mode mode, int stage) {
    try (FullRig rig = new FullRig(mode).started()) {
      DriverDomain domain = rig.paging(stage, DomainFlag.DIRTY_TRACKING);
      DomainBatch batch = domain.batch();
      batch.map(IOVA, 0x100_1000, 0x8000, 3);
      batch.map(IOVA + 0x20_0000, 0x200_0000, 0x20_0000, 3); // one large page
      batch.sync();
      rig.driver.addDevice(rig.a.facts()).attach(NO_PASID, domain);
      assertThat(rig.a.write(NO_PASID, IOVA + 0x2000, 1)).isTrue();
      assertThatThrownBy(() -> read(domain, IOVA, 0x8000, false))
          .hasMessageContaining("trackDirty(true)");
      domain.trackDirty(true); // forgets the write before
      assertThat(read(domain, IOVA, 0x40_0000, false)).isEmpty();

      rig.a.write(NO_PASID, IOVA + 0x1008, 2);
      rig.a.write(NO_PASID, IOVA + 0x2FF8, 3);
      rig.a.write(NO_PASID, IOVA + 0x5000, 4);
      rig.a.reach(NO_PASID, IOVA + 0x6000, 1); // read, not written
      rig.a.write(NO_PASID, IOVA + 0x20_0000 + 0x1_2340, 5);
      String large = "%x+200000".formatted(IOVA + 0x20_0000);
      assertThat(read(domain, IOVA, 0x40_0000, false))
          .containsExactly(
              "%x+2000".formatted(IOVA + 0x1000), "%x+1000".formatted(IOVA + 0x5000), large);
      // A part of the large page is told and its mark stays, for the other part's sake.
      assertThat(read(domain, IOVA + 0x2000, 0x20_0000, true))
          .containsExactly(
              "%x+1000".formatted(IOVA + 0x2000),
              "%x+1000".formatted(IOVA + 0x5000),
              "%x+2000".formatted(IOVA + 0x20_0000));
      assertThat(read(domain, IOVA, 0x40_0000, true))
          .containsExactly("%x+1000".formatted(IOVA + 0x1000), large);
      assertThat(read(domain, IOVA, 0x40_0000, true)).isEmpty();
      rig.a.write(NO_PASID, IOVA + 0x1008, 6); // cached as marked no more
      rig.a.write(NO_PASID, IOVA + 0x20_0000, 7);
      assertThat(read(domain, IOVA, 0x40_0000, false))
          .containsExactly("%x+1000".formatted(IOVA + 0x1000), large);

      // A split and a change of rights keep the marks.
      batch.protect(IovaRange.of(IOVA + 0x20_0000, 0x1000), 1);
      batch.sync();
      assertThat(read(domain, IOVA, 0x40_0000, false))
          .containsExactly("%x+1000".formatted(IOVA + 0x1000), large);
    }
  }

  @Test
  void whatCannotMarkSaysWhy() {
    long noMarks = FullRig.ECAP & ~(1L << 45);
    try (FullRig rig =
        new FullRig(Scheduler.Mode.INLINE, FullRig.CAP, noMarks, mmio -> mmio).started()) {
      assertThatThrownBy(() -> rig.paging(2, DomainFlag.DIRTY_TRACKING))
          .isInstanceOfSatisfying(
              IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED))
          .hasMessageContaining("ECAP.SSADS");
      // Without a wish for a stage it is the first, which marks.
      assertThat(rig.paging(0, DomainFlag.DIRTY_TRACKING).limits().windows().get(0).last())
          .isEqualTo((1L << 47) - 1);
      assertThatThrownBy(() -> rig.paging(2).trackDirty(true))
          .hasMessageContaining("was not made with DIRTY_TRACKING");
    }
  }
}
