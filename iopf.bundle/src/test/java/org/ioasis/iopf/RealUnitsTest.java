package org.ioasis.iopf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.ioasis.iopf.Platform.NO_PASID;
import static org.ioasis.iopf.Platform.RW;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.device.AttachTarget;
import org.ioasis.api.device.Binding;
import org.ioasis.api.device.Device;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.domain.DomainRequest;
import org.ioasis.api.domain.SwapReport;
import org.ioasis.api.domain.SwapRequest;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.FaultAnswer;
import org.ioasis.api.driver.FaultKind;
import org.ioasis.api.engine.DmaChannel;
import org.ioasis.api.engine.DmaEngine;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.fault.Fault;
import org.ioasis.api.fault.FaultGroup;
import org.ioasis.api.fault.FaultQueue;
import org.ioasis.api.fault.FaultReport;
import org.ioasis.api.fault.FaultResponse;
import org.ioasis.api.machine.DmaPort;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.PageRequest;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.iopf.Platform.Vendor;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** From a device through unit, driver and router to a handler or user, and back. */
class RealUnitsTest {
  private static final int PROCESS = 5;
  private static final long HEAP = 0x7000_0000L;

  private Platform on;
  private DmaEngine engine;
  private DmaChannel channel;
  private Device device;
  private AddressSpace space;
  private final List<FaultGroup> kept = new ArrayList<>();

  @BeforeEach
  void machine() {
    on = new Platform(Scheduler.Mode.STEPS);
  }

  @AfterEach
  void close() throws Exception {
    on.close();
  }

  private void device(Vendor vendor) {
    on.unit("unit0", vendor);
    engine = on.engine(vendor, "gpu", 0x20);
    channel = engine.channel();
    device = on.bind(engine);
    space = on.space("process");
  }

  /** A page table whose faults are kept by a handler of the test. */
  private int attached(Vendor vendor) {
    device(vendor);
    Platform.attach(device, space, PROCESS);
    int domain = space.domains().get(0).id();
    on.handler(domain, kept::add);
    return domain;
  }

  /** A page table whose faults go to a user's queue. */
  private FaultQueue queued(Vendor vendor) {
    device(vendor);
    FaultQueue queue = on.faults.createQueue(8);
    Domain domain =
        on.domains()
            .create(
                DomainRequest.paging(device.handle(), space.handle())
                    .with(Set.of(DomainFlag.PASID))
                    .faultsTo(queue.handle()));
    device.attach(new AttachTarget.Table(domain.handle()), PROCESS);
    return queue;
  }

  /** Runs while a device waits, in its wait. */
  private void meanwhile(Runnable action) {
    on.machine.time().schedule(1_000_000, action);
  }

  private static Reason reasonOf(Runnable call) {
    return catchThrowableOfType(IoasisException.class, call::run).reason();
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  @Requirement({6, 48, 49, 55, 63, 66})
  void aFaultCarriesLabelRouteAndTheUnitsOwnRecord(Vendor vendor) {
    attached(vendor);
    on.handler(space.domains().get(0).id(), group -> refuse(group));
    assertThat(Platform.store(channel, PROCESS, HEAP + 8, 1)).isEqualTo(TransferStatus.FAULT);
    assertThat(space.domains()).as("of one space alone").containsExactly(kept.get(0).domain());
    Fault fault = kept.get(0).faults().get(0);
    assertThat(fault.device()).isEqualTo(device.handle());
    assertThat(fault.label()).isEqualTo(0xA0020);
    assertThat(fault.pasid()).isEqualTo(PROCESS);
    assertThat(fault.address() & -Platform.PAGE).isEqualTo(HEAP);
    assertThat(fault.access() & DmaRequest.WRITE).isNotZero();
    assertThat(fault.last()).isTrue();
    assertThat(fault.route()).isEqualTo(on.faults.route(fault.route().key()).orElseThrow());
    assertThat(fault.source().record().length()).isGreaterThanOrEqualTo(16);
    assertThat(fault.source().sourceId()).isEqualTo(0x20);
    assertThat(fault.source().kind())
        .isEqualTo(vendor == Vendor.SMMUV3_STALL ? FaultKind.STALL : FaultKind.PAGE_REQUEST);
  }

  private void refuse(FaultGroup group) {
    kept.add(group);
    group.complete(FaultResponse.INVALID);
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  @Requirement({58, 59, 66})
  void aGroupThatIsForgottenTimesOutAndTheDeviceGoesOn(Vendor vendor) {
    attached(vendor);
    long before = on.machine.time().nanoTime();
    assertThat(Platform.store(channel, PROCESS, HEAP, 1)).isEqualTo(TransferStatus.FAULT);
    long waited = on.machine.time().nanoTime() - before;
    assertThat(waited).isBetween(100_000_000L, 120_000_000L);
    assertThat(on.counter("timedOut")).isOne();
    assertThat(reasonOf(() -> kept.get(0).complete(FaultResponse.SUCCESS))).isEqualTo(Reason.LATE);
    Platform.map(space, on.onDemand("heap", 1), HEAP, RW);
    on.handler(space.domains().get(0).id(), this::answerOnce);
    assertThat(Platform.store(channel, PROCESS, HEAP + Platform.PAGE, 1))
        .isEqualTo(TransferStatus.FAULT);
    assertThat(engine.counters().get("page.responses.unknown")).isZero();
  }

  private void answerOnce(FaultGroup group) {
    group.complete(FaultResponse.INVALID);
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  @Requirement({51, 53, 54, 55, 56, 66})
  void aUsersQueueGetsTheKernelsRecordsAndAnswersByCookie(Vendor vendor) {
    FaultQueue queue = queued(vendor);
    int[] words = new int[10];
    queue.onReadable(
        () -> {
          ByteBuffer bytes = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);
          assertThat(queue.read(bytes)).isEqualTo(40);
          bytes.flip().asIntBuffer().get(words);
          Platform.map(space, on.onDemand("heap", 1), HEAP, RW);
          ByteBuffer answer = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
          queue.write(answer.putInt(words[9]).putInt(0).flip());
        });
    assertThat(Platform.store(channel, PROCESS, HEAP, 7)).isEqualTo(TransferStatus.OK);
    assertThat(words[0]).as("PASID valid, last").isEqualTo(3);
    assertThat(words[1]).isEqualTo(device.handle().id());
    assertThat(words[2]).isEqualTo(PROCESS);
    assertThat(words[4] & 2).as("write").isNotZero();
    assertThat(words[6] & -0x1000).isEqualTo((int) HEAP);
    assertThat(words[9]).as("cookie").isOne();
    assertThat(queue.unanswered()).isZero();
    assertThat(reasonOf(queue::destroy)).as("a domain uses it").isEqualTo(Reason.BUSY);
  }

  @ParameterizedTest
  @CsvSource({"VTD,legacy48", "SMMUV3,s1"}) // every AMD-Vi profile has PPRSup
  @Requirement(53)
  void aUnitThatCannotFaultRefusesAQueueAndNamesWhatItLacks(Vendor vendor, String profile) {
    on.unit("unit0", vendor, profile);
    engine = on.engine(vendor, "gpu", 0x20);
    device = on.bind(engine);
    space = on.space("process");
    FaultQueue queue = on.faults.createQueue(8);
    DomainRequest request =
        DomainRequest.paging(device.handle(), space.handle()).faultsTo(queue.handle());
    IoasisException refused =
        catchThrowableOfType(IoasisException.class, () -> on.domains().create(request));
    assertThat(refused.reason()).isEqualTo(Reason.UNSUPPORTED);
    assertThat(refused).hasMessageMatching("(?s).*(ECAP|IDR\\d|EFR|PPRSup|IotlbSup|PRS|PRI).*");
    queue.destroy();
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  @Requirement({53, 64})
  void aQueueThatIsNotThereIsRefused(Vendor vendor) {
    device(vendor);
    FaultQueue queue = on.faults.createQueue(8);
    queue.destroy();
    DomainRequest request =
        DomainRequest.paging(device.handle(), space.handle()).faultsTo(queue.handle());
    assertThat(reasonOf(() -> on.domains().create(request))).isEqualTo(Reason.NOT_FOUND);
    FaultQueue living = on.faults.createQueue(8);
    DomainRequest parent =
        DomainRequest.paging(device.handle(), space.handle())
            .with(Set.of(DomainFlag.NEST_PARENT))
            .faultsTo(living.handle());
    assertThat(reasonOf(() -> on.domains().create(parent))).isEqualTo(Reason.UNSUPPORTED);
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  @Requirement({60, 66})
  void aDetachAnswersWhatTheDeviceWaitsFor(Vendor vendor) {
    attached(vendor);
    Platform.attach(device, on.space("other"), PROCESS + 1); // its page requests stay on
    meanwhile(() -> device.detach(PROCESS));
    assertThat(Platform.store(channel, PROCESS, HEAP, 1)).isEqualTo(TransferStatus.FAULT);
    assertThat(on.machine.time().nanoTime()).as("before the time-out").isLessThan(100_000_000L);
    assertThat(on.counter("drained")).isOne();
    assertThat(on.counter("open")).isZero();
    assertThat(reasonOf(() -> kept.get(0).complete(FaultResponse.SUCCESS))).isEqualTo(Reason.LATE);
    assertThat(on.faults.route(kept.get(0).faults().get(0).route().key())).isEmpty();
  }

  static Stream<Arguments> swaps() {
    List<Vendor> asking = List.of(Vendor.VTD, Vendor.SMMUV3, Vendor.AMDVI);
    return asking.stream().flatMap(from -> asking.stream().map(to -> Arguments.of(from, to)));
  }

  @ParameterizedTest
  @MethodSource("swaps")
  @Requirement({60, 66})
  void aSwapCarriesTheGroupAndTheAnswerGoesThroughTheNewUnit(Vendor from, Vendor to) {
    attached(from);
    on.unit("unit1", to);
    Platform.map(space, on.onDemand("heap", 1), HEAP, RW);
    SwapReport[] report = new SwapReport[1];
    meanwhile(
        () -> {
          report[0] = on.core.swapService().swap(SwapRequest.of("unit0", "unit1"));
          kept.get(0).complete(FaultResponse.INVALID);
        });
    assertThat(Platform.store(channel, PROCESS, HEAP + Platform.PAGE, 1))
        .isEqualTo(TransferStatus.FAULT);
    assertThat(report[0].performed()).as("%s", report[0]).isTrue();
    assertThat(report[0].faultsCarried()).isOne();
    assertThat(report[0].faultsClosed()).isZero();
    assertThat(on.counter("sent")).isOne();
    assertThat(on.counter("undeliverable")).isZero();
    assertThat(on.machine.time().nanoTime()).isLessThan(100_000_000L);
  }

  @Test
  @Requirement({58, 60, 66})
  void aStallDiesWithItsUnitTheDeviceAsksAnewAndTheLateAnswerIsRefused() {
    attached(Vendor.SMMUV3_STALL);
    on.unit("unit1", Vendor.SMMUV3_STALL);
    Platform.map(space, on.onDemand("heap", 1), HEAP, RW);
    SwapReport[] report = new SwapReport[1];
    Reason[] late = new Reason[1];
    meanwhile(
        () -> {
          report[0] = on.core.swapService().swap(SwapRequest.of("unit0", "unit1"));
          late[0] = reasonOf(() -> kept.get(0).complete(FaultResponse.SUCCESS));
          space.domains().forEach(domain -> on.handler(domain.id(), this::refuse));
        });
    assertThat(Platform.store(channel, PROCESS, HEAP + Platform.PAGE, 1))
        .isEqualTo(TransferStatus.FAULT);
    assertThat(report[0].performed()).as("%s", report[0]).isTrue();
    assertThat(report[0].stallsMoved()).isOne();
    assertThat(late[0]).isEqualTo(Reason.LATE);
    assertThat(on.counter("withdrawn")).isOne();
    assertThat(kept).as("asked again, behind the new unit").hasSize(2);
    assertThat(on.counter("open")).isZero();
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  @Requirement({52, 66})
  void withoutARouterAPageRequestIsAnsweredInvalidAndNothingElseSuffers(Vendor vendor) {
    device(vendor);
    Platform.map(space, on.onDemand("heap", 4), HEAP, RW);
    Platform.attach(device, space, PROCESS);
    assertThat(Platform.store(channel, PROCESS, HEAP, 1)).isEqualTo(TransferStatus.OK);
    on.router.close();
    on.core.parts().hosts().routerGone(on.router);
    on.core.parts().devices().router(null);
    long before = on.machine.time().nanoTime();
    assertThat(Platform.store(channel, PROCESS, HEAP + Platform.PAGE, 1))
        .isEqualTo(TransferStatus.FAULT);
    assertThat(on.machine.time().nanoTime() - before).isLessThan(100_000_000L);
    assertThat(Platform.load(channel, PROCESS, HEAP)).as("what is mapped is served").isOne();
    on.core.parts().devices().router(on.router);
  }

  @ParameterizedTest
  @EnumSource(value = Vendor.class, mode = EnumSource.Mode.EXCLUDE, names = "SMMUV3_STALL")
  @Requirement({50, 66})
  void aStopMarkerIsNotAnswered(Vendor vendor) {
    attached(vendor);
    assertThat(engine.stopPasid(PROCESS)).isTrue();
    on.settle();
    assertThat(on.counter("stopMarkers")).isOne();
    assertThat(on.counter("sent")).isZero();
    assertThat(engine.counters().get("page.responses.unknown")).isZero();
  }

  @ParameterizedTest
  @EnumSource(value = Vendor.class, mode = EnumSource.Mode.EXCLUDE, names = "SMMUV3_STALL")
  @Requirement({56, 66})
  void aFailureSwitchesTheDevicesPageRequestsOff(Vendor vendor) {
    attached(vendor);
    on.handler(
        space.domains().get(0).id(),
        group -> {
          throw new IllegalStateException("a handler's bug");
        });
    assertThat(Platform.store(channel, PROCESS, HEAP, 1)).isEqualTo(TransferStatus.FAULT);
    assertThat(on.counter("handlerThrew")).isOne();
    assertThat(Platform.store(channel, PROCESS, HEAP, 1)).isEqualTo(TransferStatus.FAULT);
    assertThat(on.counter("groups")).as("it asks no more").isOne();
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  @Requirement({48, 63, 66})
  void anUnrecoverableFaultIsReportedWithItsLabel(Vendor vendor) {
    device(vendor);
    DmaEngine plain =
        new org.ioasis.machine.engine.DefaultEngineFactory()
            .create(
                on.machine,
                org.ioasis.api.engine.EngineSpec.of(
                    org.ioasis.api.machine.EndpointSpec.plain("disk", 0x28)));
    Device disk = on.bind(plain);
    Platform.attach(disk, space, NO_PASID);
    assertThat(Platform.store(plain.channel(), NO_PASID, 0x5000, 1))
        .isEqualTo(TransferStatus.FAULT);
    on.settle();
    FaultReport report = on.faults.reports().get(0);
    assertThat(report.unitId()).isEqualTo("unit0");
    assertThat(report.device()).contains(disk.handle());
    assertThat(report.label()).isEqualTo(0xA0028);
    assertThat(report.domain()).contains(space.domains().get(0));
    assertThat(report.fault().address() & -Platform.PAGE).isEqualTo(0x5000);
    assertThat(report.meaning()).startsWith("write of 0x5000").contains(report.fault().name());
    assertThat(on.counter("received")).isZero();
    plain.close();
  }

  /** A device that asks and never waits. */
  private static final class Flooder implements Endpoint {
    final List<Integer> answered = new ArrayList<>();

    @Override
    public void pageResponse(PageResponse response) {
      answered.add(response.pasid() << 9 | response.group());
    }
  }

  @ParameterizedTest
  @EnumSource(value = Vendor.class, mode = EnumSource.Mode.EXCLUDE, names = "SMMUV3_STALL")
  @Requirement({50, 66})
  void aQueueThatOverflowsIsCountedAndServesOn(Vendor vendor) {
    on.unit("unit0", vendor);
    Flooder flooder = new Flooder();
    EndpointSpec spec = vendor.endpoint("flooder", 0x30);
    try (DmaPort port = on.machine.fabric().join(spec, flooder)) {
      Device bound = on.devices().bind("flooder", Binding.of("test", 1));
      int asked = 0;
      for (int pasid = 1; pasid <= 16; pasid++) {
        AddressSpace one = on.space("space" + pasid);
        Platform.map(one, on.onDemand("heap" + pasid, 1), HEAP, RW);
        Platform.attach(bound, one, pasid);
      }
      for (int pasid = 1; pasid <= 16; pasid++) { // no turn of the machine in between
        for (int group = 0; group < 512; group++) {
          port.requestPage(new PageRequest(0x30, pasid, HEAP, 1, false, group, true));
          asked++;
        }
      }
      on.settle();
      assertThat(on.counter("lost.recoverable")).isPositive();
      assertThat(on.counter("received")).isPositive().isLessThan(asked);
      assertThat(on.counter("open")).isZero();
      assertThat(flooder.answered).doesNotHaveDuplicates();
      int before = flooder.answered.size();
      port.requestPage(new PageRequest(0x30, 1, HEAP, 1, false, 511, true));
      on.settle();
      assertThat(flooder.answered).as("it serves on").hasSize(before + 1);
      bound.destroy();
    }
  }

  @ParameterizedTest
  @EnumSource(value = Vendor.class, mode = EnumSource.Mode.EXCLUDE, names = "SMMUV3_STALL")
  @Requirement({56, 66})
  void anAnswerToAnUnknownGroupHarmsNobody(Vendor vendor) {
    device(vendor);
    Platform.map(space, on.onDemand("heap", 4), HEAP, RW);
    Platform.attach(device, space, PROCESS);
    assertThat(Platform.store(channel, PROCESS, HEAP, 1)).isEqualTo(TransferStatus.OK);
    FaultAnswer stray =
        new FaultAnswer(
            FaultKind.PAGE_REQUEST, 0x20, PROCESS, 0x155, PageResponse.Code.INVALID_REQUEST);
    assertThat(on.core.parts().origin().respond(List.of(stray)).complete()).isTrue();
    on.settle();
    assertThat(Platform.store(channel, PROCESS, HEAP + Platform.PAGE, 2))
        .isEqualTo(TransferStatus.OK);
  }
}
