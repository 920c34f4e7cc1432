package org.ioasis.vtd.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.DeviceFacts;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.driver.FaultAnswer;
import org.ioasis.api.driver.FaultKind;
import org.ioasis.api.driver.RecoverableFault;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Page requests from the device to the sink, and answers back. */
@Requirement(66)
class PageRequestTest {
  private static final int NO_PASID = FullRig.NO_PASID;

  private static DriverDevice attached(FullRig rig, DriverDomain domain) {
    DriverDevice device = rig.driver.addDevice(rig.a.facts());
    device.attach(NO_PASID, domain);
    device.attach(0x55, domain);
    return device;
  }

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void aGroupIsHandedOverAndAnsweredOnce(Scheduler.Mode mode) {
    try (FullRig rig = new FullRig(mode).started()) {
      attached(rig, rig.paging(2, DomainFlag.FAULT_CAPABLE));
      assertThat(rig.a.switches).containsExactly("true true false", "true true true");
      rig.a.ask(0x55, 0x7000, DmaRequest.READ, 0x1A5, false);
      rig.a.ask(0x55, 0x9000, DmaRequest.WRITE, 0x1A5, true);
      rig.a.ask(NO_PASID, 0xB000, DmaRequest.READ | DmaRequest.WRITE, 3, true);
      rig.await(() -> rig.sink.asked.size() == 3);
      RecoverableFault first = rig.sink.asked.get(0);
      assertThat(first.kind()).isEqualTo(FaultKind.PAGE_REQUEST);
      assertThat(first.sourceId()).isEqualTo(0x329);
      assertThat(first.pasid()).isEqualTo(0x55);
      assertThat(first.address()).isEqualTo(0x7000);
      assertThat(first.access()).isEqualTo(DmaRequest.READ);
      assertThat(first.group()).isEqualTo(0x1A5);
      assertThat(first.last()).isFalse();
      // Type 1, PP, RID 329h, PASID 55h; RD, PRGI 1A5h, page 7.
      assertThat(first.record().bytes().getLong(0)).isEqualTo(0x0000_0055_0329_0101L);
      assertThat(first.record().bytes().getLong(8)).isEqualTo(0x7001L | 0x1A5 << 3);
      assertThat(rig.sink.asked.get(1).last()).isTrue();
      assertThat(rig.sink.asked.get(2).pasid()).isEqualTo(NO_PASID);

      BatchResult result =
          rig.driver.respond(
              List.of(
                  FaultAnswer.to(rig.sink.asked.get(1), PageResponse.Code.SUCCESS),
                  FaultAnswer.to(rig.sink.asked.get(2), PageResponse.Code.INVALID_REQUEST)));
      assertThat(result).isEqualTo(BatchResult.all(2));
      assertThat(rig.a.responses)
          .containsExactly(
              new PageResponse(0x329, 0x55, 0x1A5, PageResponse.Code.SUCCESS),
              new PageResponse(0x329, NO_PASID, 3, PageResponse.Code.INVALID_REQUEST));
    }
  }

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void anOverflowIsToldAndTheQueueGoesOn(Scheduler.Mode mode) {
    try (FullRig rig = new FullRig(mode).started()) {
      attached(rig, rig.paging(2, DomainFlag.FAULT_CAPABLE));
      rig.unit.mmio().write32(0xE0, 0x8000_0000); // PECTL.IM: nobody reads meanwhile
      for (int i = 0; i < 600; i++) { // 512 places, one stays free
        rig.a.ask(0x55, 0x1000L * i, DmaRequest.READ, i & 0x1FF, true);
      }
      assertThat(rig.unit.mmio().read32(0xDC) & 2).isEqualTo(2);
      rig.driver.drain(0x329, 0x55);
      assertThat(rig.sink.asked).hasSize(511);
      assertThat(rig.sink.lost).containsExactly("true 1");
      assertThat(rig.unit.mmio().read32(0xDC) & 2).isZero();
      rig.await(() -> rig.a.responses.size() == 89); // the unit's own: ask again
      assertThat(rig.a.responses).allMatch(one -> one.code() == PageResponse.Code.SUCCESS);
      rig.a.ask(0x55, 0x5000, DmaRequest.READ, 7, true);
      rig.driver.drain(0x329, 0x55);
      assertThat(rig.sink.asked).hasSize(512);
    }
  }

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void stopMarkersAndStrangers(Scheduler.Mode mode) {
    try (FullRig rig = new FullRig(mode).started()) {
      DriverDevice device = attached(rig, rig.paging(2, DomainFlag.FAULT_CAPABLE));
      rig.a.ask(0x55, 0, 0, 0, true);
      rig.await(() -> rig.sink.asked.size() == 1);
      assertThat(rig.sink.asked.get(0).stopMarker()).isTrue();
      assertThat(rig.a.responses).isEmpty();
      assertThat(device.attachments()).hasSize(2);

      FaultAnswer stall =
          new FaultAnswer(FaultKind.STALL, 0x329, 0x55, 0, PageResponse.Code.SUCCESS);
      FaultAnswer beyond =
          new FaultAnswer(FaultKind.PAGE_REQUEST, 0x329, 0x55, 512, PageResponse.Code.SUCCESS);
      FaultAnswer good =
          new FaultAnswer(FaultKind.PAGE_REQUEST, 0x329, 0x55, 5, PageResponse.Code.SUCCESS);
      BatchResult result = rig.driver.respond(List.of(good, stall));
      assertThat(result.done()).isEqualTo(1);
      assertThat(result.reason()).isEqualTo(Reason.UNSUPPORTED);
      assertThat(rig.driver.respond(List.of(beyond)).reason()).isEqualTo(Reason.INVALID);
      assertThat(rig.a.responses).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void aDetachHandsOverWhatWasAskedBefore(Scheduler.Mode mode) {
    try (FullRig rig = new FullRig(mode).started()) {
      DriverDomain domain = rig.paging(2, DomainFlag.FAULT_CAPABLE);
      DriverDevice device = attached(rig, domain);
      rig.unit.mmio().write32(0xE0, 0x8000_0000);
      rig.a.ask(0x55, 0x7000, DmaRequest.READ, 9, true);
      device.detach(0x55, domain);
      assertThat(rig.sink.asked).hasSize(1);
      assertThat(rig.a.switches).endsWith("true true false");
    }
  }

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void aStopHandsOverWhatIsLeftAndASuccessorWhatCameMeanwhile(Scheduler.Mode mode) {
    try (FullRig rig = new FullRig(mode).started()) {
      DriverDomain domain = rig.paging(2, DomainFlag.FAULT_CAPABLE);
      attached(rig, domain);
      var left = rig.driver.handOver();
      rig.a.ask(0x55, 0x7000, DmaRequest.READ, 9, true);
      assertThat(rig.sink.asked).isEmpty();
      rig.driver = rig.newDriver();
      rig.driver.adopt(left, rig.sink);
      rig.await(() -> rig.sink.asked.size() == 1);
      assertThat(
              rig.driver
                  .respond(
                      List.of(FaultAnswer.to(rig.sink.asked.get(0), PageResponse.Code.SUCCESS)))
                  .complete())
          .isTrue();
      assertThat(rig.a.responses).hasSize(1);
      rig.unit.mmio().write32(0xE0, 0x8000_0000);
      rig.a.ask(0x55, 0x8000, DmaRequest.READ, 10, true);
      rig.driver.stop();
      assertThat(rig.sink.asked).hasSize(2);
      assertThat(rig.frames.allocatedBytes()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void aDeviceThatCannotAskIsRefusedByName(Scheduler.Mode mode) {
    try (FullRig rig = new FullRig(mode).started()) {
      DriverDomain domain = rig.paging(2, DomainFlag.FAULT_CAPABLE);
      DriverDevice device =
          rig.driver.addDevice(
              new DeviceFacts(EndpointSpec.plain("plain", 0x329), List.of(), false));
      assertThatThrownBy(() -> device.attach(NO_PASID, domain))
          .hasMessageContaining("FAULT_CAPABLE")
          .hasMessageContaining("PRI false");
      domain.close();
    }
  }
}
