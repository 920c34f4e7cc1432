package org.ioasis.iopf.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.Blob;
import org.ioasis.api.driver.FaultClass;
import org.ioasis.api.driver.FaultStage;
import org.ioasis.api.driver.UnrecoverableFault;
import org.ioasis.api.fault.FaultReport;
import org.ioasis.api.fault.FaultReportListener;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Faults that nobody can mend. */
class ReportTest {
  private final Rig rig = new Rig();

  @Test
  @Requirement({48, 63})
  void aReportNamesUnitDeviceLabelAndPageTable() {
    rig.route(0x20, 3, 1);
    List<FaultReport> heard = new ArrayList<>();
    rig.router.addListener(heard::add, "listener");
    rig.sink.unrecoverable(Rig.broken(0x20, 3, 0xdead000));
    rig.sink.unrecoverable(Rig.broken(0x99, 3, 0xdead000));
    rig.steps.settle();
    FaultReport known = heard.get(0);
    assertThat(known.unitId()).isEqualTo("unit0");
    assertThat(known.device()).contains(Rig.device(0x20));
    assertThat(known.label()).isEqualTo(0xA0020);
    assertThat(known.domain()).contains(Rig.domain(1));
    assertThat(known.meaning())
        .isEqualTo("write of 0xdead000 with pasid 0x3 refused by first stage translation: SGN.5");
    assertThat(known.fault().record()).as("the vendor's record, opaque").isSameAs(Rig.RECORD);
    FaultReport unknown = heard.get(1);
    assertThat(unknown.device()).isEmpty();
    assertThat(unknown.domain()).isEmpty();
    assertThat(unknown.label()).isZero();
    assertThat(rig.client.reports()).isEqualTo(heard);
  }

  @ParameterizedTest
  @Requirement(63)
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          UNKNOWN | UNKNOWN   | 1 | read of 0x1000 refused by the unit: X
          UNKNOWN | DATA      | 3 | read and write of 0x1000 refused by the translation: X
          FIRST   | TABLE     | 4 | fetch of 0x1000 refused by first stage walk of a page table: X
          UNKNOWN | CONTEXT   | 0 | access of 0x1000 refused by a device or PASID entry: X
          UNKNOWN | INTERRUPT | 2 | write of 0x1000 refused by an interrupt remapping entry: X
          SECOND  | DATA      | 2 | write of 0x1000 refused by second stage translation: X, guest physical address 0x7000
          """)
  void aReportSaysInPlainWordsWhatWasRefused(
      FaultStage stage, FaultClass part, int access, String text) {
    UnrecoverableFault fault =
        new UnrecoverableFault(
            1,
            DmaRequest.NO_PASID,
            0x1000,
            access,
            false,
            9,
            "X",
            stage,
            part,
            0x7000,
            0,
            new Blob("x", ByteBuffer.allocate(0)),
            0);
    assertThat(Reports.meaning(fault)).isEqualTo(text);
  }

  @Test
  @Requirement(48)
  void reportsAreLimitedPerDeviceAndTheRestIsCounted() {
    rig.route(0x20, 3, 1);
    for (int i = 0; i < 25; i++) {
      rig.sink.unrecoverable(Rig.broken(0x20, 3, 0x1000L * i));
    }
    rig.sink.unrecoverable(Rig.broken(0x28, 3, 0x1000));
    assertThat(rig.reports).hasSize(11);
    assertThat(rig.counter("unrecoverable")).isEqualTo(26);
    assertThat(rig.counter("reports.suppressed")).isEqualTo(15);
    rig.time.advance(100 * Rig.MILLI);
    rig.sink.unrecoverable(Rig.broken(0x20, 3, 0x1000));
    assertThat(rig.reports.get(11).suppressed()).isEqualTo(15);
  }

  @Test
  @Requirement(48)
  void aDeviceMaySpeakForItself() {
    rig.route(0x20, 3, 1);
    rig.client.reportAccessFailure(Rig.device(0x20), 3, 0x5000, DmaRequest.READ);
    rig.client.reportAccessFailure(Rig.device(0x77), 3, 0x5000, DmaRequest.READ);
    assertThat(rig.reports.get(0).unitId()).isEmpty();
    assertThat(rig.reports.get(0).label()).isEqualTo(0xA0020);
    assertThat(rig.reports.get(0).domain()).contains(Rig.domain(1));
    assertThat(rig.reports.get(0).meaning())
        .isEqualTo("read of 0x5000 with pasid 0x3 refused by the translation: ACCESS_FAIL");
    assertThat(rig.reports.get(1).device()).contains(Rig.device(0x77));
    assertThat(rig.reports.get(1).domain()).isEmpty();
  }

  @Test
  void aListenerThatThrowsHarmsNobody() {
    List<FaultReport> heard = new ArrayList<>();
    FaultReportListener broken =
        report -> {
          throw new IllegalStateException("listener's bug");
        };
    rig.router.addListener(broken, "broken");
    rig.router.addListener(heard::add, "good");
    rig.sink.unrecoverable(Rig.broken(0x20, 3, 0x1000));
    rig.steps.settle();
    rig.router.removeListener(broken);
    rig.sink.unrecoverable(Rig.broken(0x20, 3, 0x2000));
    rig.steps.settle();
    assertThat(heard).hasSize(2);
    assertThat(rig.log).containsExactly("broken threw listener's bug");
  }

  @Test
  void theSourcesRememberedAreBounded() {
    for (int source = 0; source < 70_000; source++) {
      rig.sink.unrecoverable(Rig.broken(source, 3, 0x1000));
    }
    assertThat(rig.counter("unrecoverable")).isEqualTo(70_000);
    assertThat(rig.client.reports()).hasSize(128);
  }
}
