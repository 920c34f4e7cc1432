package org.ioasis.smmuv3.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.ioasis.smmuv3.driver.DriverRig.NONE;
import static org.ioasis.smmuv3.driver.DriverRig.RW;
import static org.ioasis.smmuv3.driver.DriverRig.SID;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.AdoptReport;
import org.ioasis.api.driver.AttachOutcome;
import org.ioasis.api.driver.ChangeMode;
import org.ioasis.api.driver.DeviceFacts;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.driver.FaultAnswer;
import org.ioasis.api.driver.FaultKind;
import org.ioasis.api.driver.PasidReservation;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.api.driver.UnrecoverableFault;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.machine.AtcInvalidation;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.smmuv3.UnitUnderTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DriverTest {
  private static final long IOVA = 0x12_3456_0000L, PAGE = 0x1000, OUT = 0x40_0000;
  private static final Set<DomainFlag> PASID = Set.of(DomainFlag.PASID);

  private DriverRig rig;

  @AfterEach
  void close() {
    rig.close();
  }

  private void build(Scheduler.Mode mode) {
    rig = new DriverRig(mode).started();
  }

  private DriverDomain paging(Set<DomainFlag> flags) {
    return rig.driver.createDomain(DomainSpec.paging(flags));
  }

  private static DriverDomain mapped(DriverDomain domain, long iova, long out, long length) {
    DomainBatch batch = domain.batch();
    assertThat(batch.map(iova, out, length, RW)).isEqualTo(length);
    assertThat(batch.sync().complete()).isTrue();
    return domain;
  }

  private static void unmap(DriverDomain domain, long iova, long length) {
    DomainBatch batch = domain.batch();
    assertThat(batch.unmap(IovaRange.of(iova, length))).isEqualTo(length);
    assertThat(batch.sync()).isEqualTo(SyncResult.COMPLETE);
  }

  private DriverDevice device() {
    return rig.driver.addDevice(rig.facts());
  }

  private static Reason reason(Runnable call) {
    try {
      call.run();
    } catch (IoasisException e) {
      return e.reason();
    }
    throw new AssertionError("not refused");
  }

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void dmaReachesWhatIsMappedAndNothingElse(Scheduler.Mode mode) {
    build(mode);
    DriverDevice device = device();
    assertThat(rig.write(NONE, IOVA, 1)).as("an abort entry").isEqualTo(TransferStatus.ABORTED);
    DriverDomain domain = mapped(paging(Set.of()), IOVA, OUT, 4 * PAGE);
    AttachOutcome outcome = device.attach(NONE, domain);
    assertThat(outcome.hitless()).isTrue();
    assertThat(rig.write(NONE, IOVA + PAGE + 8, 0x55)).isEqualTo(TransferStatus.OK);
    assertThat(rig.at(OUT + PAGE + 8)).isEqualTo(0x55);
    assertThat(rig.write(NONE, IOVA + 4 * PAGE, 1)).isEqualTo(TransferStatus.FAULT);
    unmap(domain, IOVA + PAGE, PAGE);
    assertThat(rig.write(NONE, IOVA + PAGE + 8, 1)).isEqualTo(TransferStatus.FAULT);
    assertThat(rig.write(NONE, IOVA + 2 * PAGE, 2)).isEqualTo(TransferStatus.OK);
    assertThat(device.detach(NONE, domain).complete()).isTrue();
    assertThat(rig.write(NONE, IOVA + 2 * PAGE, 3)).isEqualTo(TransferStatus.ABORTED);
    rig.settle();
    assertThat(rig.faults.lost).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void stopGivesEveryFrameBack(Scheduler.Mode mode) {
    build(mode);
    device().attach(NONE, mapped(paging(Set.of()), IOVA, OUT, 64 * PAGE));
    mapped(paging(PASID), IOVA, OUT, 64 * PAGE);
    rig.driver.stop();
    assertThat(rig.held()).isEqualTo(rig.framesBefore);
  }

  @Test
  void anEventIsReportedInWords() {
    build(Scheduler.Mode.INLINE);
    device().attach(NONE, mapped(paging(Set.of()), IOVA, OUT, PAGE));
    // A translation request that finds nothing is answered, not logged: switch ATS off.
    rig.machine.fabric().endpoint(SID).orElseThrow().enable(false, false, false);
    rig.write(NONE, IOVA + PAGE, 1);
    rig.settle();
    assertThat(rig.faults.seen).hasSize(1);
    UnrecoverableFault fault = rig.faults.seen.get(0);
    assertThat(fault.sourceId()).isEqualTo(SID);
    assertThat(fault.code()).isEqualTo(0x10);
    assertThat(fault.name()).isEqualTo("F_TRANSLATION");
    assertThat(fault.address()).isEqualTo(IOVA + PAGE);
    assertThat(fault.access()).isEqualTo(DmaRequest.WRITE);
  }

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void pasidsLeadToDomainsOfTheirOwn(Scheduler.Mode mode) {
    build(mode);
    DriverDevice device = device();
    DriverDomain rid = mapped(paging(PASID), IOVA, OUT, PAGE);
    DriverDomain seven = mapped(paging(PASID), IOVA, OUT + 0x10_0000, PAGE);
    AttachOutcome outcome = device.attach(NONE, rid);
    assertThat(outcome.reservations())
        .containsExactly(new PasidReservation(0, PasidReservation.Cause.SUBSTREAM_0));
    device.attach(0x12345, seven);
    assertThat(rig.write(NONE, IOVA, 1)).isEqualTo(TransferStatus.OK);
    assertThat(rig.write(0x12345, IOVA, 2)).isEqualTo(TransferStatus.OK);
    assertThat(rig.write(8, IOVA, 3)).as("no descriptor").isEqualTo(TransferStatus.ABORTED);
    assertThat(rig.at(OUT)).isEqualTo(1);
    assertThat(rig.at(OUT + 0x10_0000)).isEqualTo(2);
    unmap(seven, IOVA, PAGE);
    assertThat(rig.write(0x12345, IOVA, 4)).isEqualTo(TransferStatus.FAULT);
    device.detach(0x12345, seven);
    device.detach(NONE, rid);
    assertThat(rig.write(NONE, IOVA, 5)).isEqualTo(TransferStatus.ABORTED);
    assertThat(rig.at(OUT)).isEqualTo(1);
  }

  @Test
  void whatOneEntryCannotSayIsRefused() {
    build(Scheduler.Mode.INLINE);
    DriverDevice device = device();
    DriverDomain second = second(Set.of());
    DriverDomain first = paging(PASID);
    assertThat(reason(() -> device.attach(0, first))).isEqualTo(Reason.INVALID);
    assertThat(reason(() -> device.attach(1 << 20, first))).isEqualTo(Reason.INVALID);
    assertThat(reason(() -> device.attach(5, second))).isEqualTo(Reason.UNSUPPORTED);
    device.attach(NONE, second);
    assertThat(reason(() -> device.attach(5, first))).isEqualTo(Reason.UNSUPPORTED);
    assertThat(reason(() -> device.attach(NONE, first))).isEqualTo(Reason.EXISTS);
    assertThat(reason(() -> device.detach(NONE, first))).isEqualTo(Reason.NOT_FOUND);
    assertThat(reason(second::close)).isEqualTo(Reason.BUSY);
    assertThat(reason(() -> rig.driver.addDevice(rig.facts()))).isEqualTo(Reason.EXISTS);
    assertThat(reason(() -> paging(Set.of(DomainFlag.ENFORCE_SNOOP))))
        .isEqualTo(Reason.UNSUPPORTED);
  }

  private DriverDomain second(Set<DomainFlag> flags) {
    return rig.driver.createDomain(new DomainSpec(DomainSpec.Type.PAGING, flags, 0, 2, null, null));
  }

  @Test
  void aReplaceOfOneStageByTheSameIsHitless() {
    build(Scheduler.Mode.INLINE);
    DriverDevice device = device();
    DriverDomain one = mapped(paging(PASID), IOVA, OUT, PAGE);
    DriverDomain two = mapped(paging(PASID), IOVA, OUT + PAGE, PAGE);
    DriverDomain other = mapped(paging(PASID), IOVA, OUT + 2 * PAGE, PAGE);
    device.attach(NONE, one);
    device.attach(0x12345, other);
    assertThat(device.replace(NONE, one, two, ChangeMode.HITLESS).hitless()).isTrue();
    assertThat(rig.write(NONE, IOVA, 9)).isEqualTo(TransferStatus.OK);
    assertThat(device.replace(0x12345, other, one, ChangeMode.HITLESS).hitless()).isTrue();
    assertThat(rig.write(0x12345, IOVA, 8)).isEqualTo(TransferStatus.OK);
    assertThat(List.of(rig.at(OUT), rig.at(OUT + PAGE), rig.at(OUT + 2 * PAGE)))
        .containsExactly(8L, 9L, 0L);
    rig.driver.stop();
    assertThat(rig.held()).isEqualTo(rig.framesBefore);
  }

  @Test
  void aReplaceThatNeedsAWindowSaysSo() {
    Profile full = UnitUnderTest.factory().profiles().get(0);
    Map<String, Long> linear = new TreeMap<>(full.registers());
    linear.computeIfPresent("IDR0", (name, value) -> value & ~(3L << 27)); // ST_LEVEL=0
    linear.computeIfPresent("IDR1", (name, value) -> (value & ~0x3FL) | 10); // SIDSIZE
    EndpointSpec nic = new EndpointSpec("nic", SID, false, true, true, false, 20);
    rig =
        new DriverRig(
                Scheduler.Mode.INLINE,
                nic,
                new Profile(
                    full.kind(),
                    full.name(),
                    linear,
                    full.parameters(),
                    full.ram(),
                    full.mmioBase()))
            .started();
    DriverDevice device = device();
    DriverDomain one = mapped(second(Set.of()), 0x3456_0000, OUT, PAGE);
    DriverDomain two = mapped(second(Set.of()), 0x3456_0000, OUT + PAGE, PAGE);
    device.attach(NONE, one);
    assertThat(reason(() -> device.replace(NONE, one, two, ChangeMode.HITLESS)))
        .isEqualTo(Reason.UNSUPPORTED);
    assertThat(rig.write(NONE, 0x3456_0000, 7)).isEqualTo(TransferStatus.OK);
    assertThat(device.replace(NONE, one, two, ChangeMode.WINDOW_ALLOWED).hitless()).isFalse();
    assertThat(rig.write(NONE, 0x3456_0000, 9)).isEqualTo(TransferStatus.OK);
    assertThat(List.of(rig.at(OUT), rig.at(OUT + PAGE))).containsExactly(7L, 9L);
  }

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void aDeviceTlbForgetsWhatIsUnmapped(Scheduler.Mode mode) {
    build(mode);
    DriverDomain domain = mapped(paging(Set.of()), IOVA, OUT, PAGE);
    device().attach(NONE, domain);
    assertThat(rig.engine.enabled() & 1).as("ATS").isOne();
    rig.write(NONE, IOVA, 1);
    rig.write(NONE, IOVA, 2);
    assertThat(rig.engine.counters().get("tlb.hits")).isPositive();
    unmap(domain, IOVA, PAGE);
    assertThat(rig.write(NONE, IOVA, 3)).isEqualTo(TransferStatus.FAULT);
    assertThat(rig.at(OUT)).isEqualTo(2);
  }

  @Test
  void aDeviceThatDoesNotAnswerIsIsolatedAndNamed() {
    build(Scheduler.Mode.INLINE);
    EndpointSpec deaf = new EndpointSpec("deaf", 0x350, false, true, false, false, 0);
    rig.machine
        .fabric()
        .join(
            deaf,
            new Endpoint() {
              @Override
              public void invalidateAtc(AtcInvalidation invalidation, Runnable completed) {}
            });
    rig.machine.fabric().port(0x350).orElseThrow().open(DriverRig.UNIT);
    DriverDomain domain = mapped(paging(Set.of()), IOVA, OUT, PAGE);
    device().attach(NONE, domain);
    rig.driver.addDevice(new DeviceFacts(deaf, List.of(), false)).attach(NONE, domain);
    DomainBatch batch = domain.batch();
    batch.unmap(IovaRange.of(IOVA, PAGE));
    assertThat(batch.sync().unanswered()).containsExactly(0x350);
    assertThat(rig.isolated).contains(0x350);
    assertThat(rig.machine.fabric().port(0x350).orElseThrow().unitId()).isNull();
    assertThat(rig.machine.fabric().port(SID).orElseThrow().unitId()).isEqualTo(DriverRig.UNIT);
  }

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void aPageRequestIsAnsweredAndTheAccessGoesOn(Scheduler.Mode mode) {
    build(mode);
    DriverDomain domain = paging(Set.of(DomainFlag.PASID, DomainFlag.FAULT_CAPABLE));
    device().attach(9, domain);
    rig.faults.handler =
        fault -> {
          boolean good = fault.address() == IOVA;
          if (good) {
            DomainBatch batch = domain.batch();
            batch.map(fault.address(), OUT, PAGE, RW);
            batch.sync();
          }
          PageResponse.Code code =
              good ? PageResponse.Code.SUCCESS : PageResponse.Code.INVALID_REQUEST;
          assertThat(rig.driver.respond(List.of(FaultAnswer.to(fault, code))).complete()).isTrue();
        };
    assertThat(rig.write(9, IOVA + 16, 0x77)).isEqualTo(TransferStatus.OK);
    assertThat(rig.at(OUT + 16)).isEqualTo(0x77);
    assertThat(rig.write(9, IOVA + PAGE, 1)).isEqualTo(TransferStatus.FAULT);
    assertThat(rig.faults.waiting).hasSize(2);
    assertThat(rig.faults.waiting.get(0))
        .satisfies(
            fault -> {
              assertThat(fault.sourceId()).isEqualTo(SID);
              assertThat(fault.pasid()).isEqualTo(9);
              assertThat(fault.access()).isEqualTo(DmaRequest.WRITE);
              assertThat(fault.last()).isTrue();
            });
  }

  private void buildStalling(Scheduler.Mode mode) {
    rig =
        new DriverRig(mode, new EndpointSpec("dsp", SID, false, false, false, true, 20)).started();
  }

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void aStallIsResumedAndTheAccessGoesOn(Scheduler.Mode mode) {
    buildStalling(mode);
    DriverDomain domain = paging(Set.of(DomainFlag.PASID, DomainFlag.FAULT_CAPABLE));
    device().attach(9, domain);
    rig.faults.handler =
        fault -> {
          boolean good = (fault.address() & -PAGE) == IOVA;
          if (good) {
            DomainBatch batch = domain.batch();
            batch.map(IOVA, OUT, PAGE, RW);
            batch.sync();
          }
          PageResponse.Code code =
              good ? PageResponse.Code.SUCCESS : PageResponse.Code.INVALID_REQUEST;
          assertThat(rig.driver.respond(List.of(FaultAnswer.to(fault, code))).complete()).isTrue();
        };
    assertThat(rig.write(9, IOVA + 16, 0x77)).isEqualTo(TransferStatus.OK);
    assertThat(rig.at(OUT + 16)).isEqualTo(0x77);
    assertThat(rig.write(9, IOVA + PAGE, 1)).isEqualTo(TransferStatus.FAULT);
    assertThat(rig.faults.waiting).hasSize(2);
    assertThat(rig.faults.waiting.get(0).kind()).isEqualTo(FaultKind.STALL);
    assertThat(rig.faults.waiting.get(0).pasid()).isEqualTo(9);
    assertThat(rig.driver.counters()).containsEntry("stalls.open", 0L);
  }

  @Test
  void aStallOfAStreamThatIsShutOffIsWithdrawn() {
    buildStalling(Scheduler.Mode.INLINE);
    DriverDevice device = device();
    DriverDomain domain = paging(Set.of(DomainFlag.FAULT_CAPABLE));
    device.attach(NONE, domain);
    rig.machine.time().schedule(1_000_000, () -> device.detach(NONE, domain));
    assertThat(rig.write(NONE, IOVA, 1)).isEqualTo(TransferStatus.FAULT);
    rig.settle();
    assertThat(rig.faults.waiting).hasSize(1);
    assertThat(rig.faults.withdrawn).isEqualTo(rig.faults.waiting);
    FaultAnswer late = FaultAnswer.to(rig.faults.waiting.get(0), PageResponse.Code.SUCCESS);
    assertThat(rig.driver.respond(List.of(late)).complete()).isTrue();
  }

  @Test
  void aSuccessorAnswersTheStallOfItsPredecessor() {
    buildStalling(Scheduler.Mode.INLINE);
    DriverDomain domain = paging(Set.of(DomainFlag.FAULT_CAPABLE));
    device().attach(NONE, domain);
    rig.machine
        .time()
        .schedule(
            1_000_000,
            () -> {
              Blob blob = rig.driver.handOver();
              rig.driver = rig.newDriver();
              AdoptReport report = rig.driver.adopt(blob, rig.faults);
              mapped(report.domains().get(domain.key()), IOVA, OUT, PAGE);
              FaultAnswer answer =
                  FaultAnswer.to(rig.faults.waiting.get(0), PageResponse.Code.SUCCESS);
              rig.driver.respond(List.of(answer));
            });
    assertThat(rig.write(NONE, IOVA, 6)).isEqualTo(TransferStatus.OK);
    assertThat(rig.at(OUT)).isEqualTo(6);
  }

  @Test
  void writtenPagesAreTold() {
    build(Scheduler.Mode.INLINE);
    DriverDomain domain = mapped(paging(Set.of(DomainFlag.DIRTY_TRACKING)), IOVA, OUT, 64 * PAGE);
    device().attach(NONE, domain);
    rig.write(NONE, IOVA, 1);
    domain.trackDirty(true);
    assertThat(dirty(domain)).isEmpty();
    rig.write(NONE, IOVA + 0x10 * PAGE, 1);
    rig.read(NONE, IOVA + 0x20 * PAGE);
    List<String> first = dirty(domain);
    assertThat(first).hasSize(1);
    assertThat(dirty(domain)).as("the marks were taken").isEmpty();
    rig.write(NONE, IOVA + 0x10 * PAGE, 1);
    assertThat(dirty(domain)).as("and come again").isEqualTo(first);
    domain.trackDirty(false);
  }

  private static List<String> dirty(DriverDomain domain) {
    List<String> runs = new ArrayList<>();
    domain.readDirty(
        IovaRange.of(IOVA, 64 * PAGE),
        true,
        (iova, length) -> runs.add("%x+%x".formatted(iova, length)));
    return runs;
  }

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void aSuccessorGoesOnWithEverything(Scheduler.Mode mode) {
    build(mode);
    DriverDevice device = device();
    DriverDomain rid = mapped(paging(PASID), IOVA, OUT, PAGE);
    DriverDomain seven = mapped(paging(PASID), IOVA, OUT + PAGE, PAGE);
    device.attach(NONE, rid);
    device.attach(7, seven);
    long held = rig.held();
    Blob blob = rig.driver.handOver();
    assertThat(rig.write(7, IOVA, 1)).as("meanwhile").isEqualTo(TransferStatus.OK);
    assertThat(reason(() -> rid.lookup(IOVA))).isEqualTo(Reason.GONE);
    rig.driver = rig.newDriver();
    AdoptReport report = rig.driver.adopt(blob, rig.faults);
    assertThat(report.framesReturned()).isZero();
    assertThat(rig.held()).isEqualTo(held);
    assertThat(report.domains().keySet()).containsExactlyInAnyOrder(rid.key(), seven.key());
    DriverDomain again = report.domains().get(seven.key());
    assertThat(report.devices()).hasSize(1);
    assertThat(rig.write(7, IOVA, 2)).isEqualTo(TransferStatus.OK);
    unmap(again, IOVA, PAGE);
    assertThat(rig.write(7, IOVA, 3)).isEqualTo(TransferStatus.FAULT);
    assertThat(rig.write(NONE, IOVA, 4)).isEqualTo(TransferStatus.OK);
    rig.driver.stop();
    assertThat(rig.held()).isEqualTo(rig.framesBefore);
  }

  @Test
  void aSuccessorOfADeadDriverReadsTheTables() {
    build(Scheduler.Mode.INLINE);
    DriverDomain domain = mapped(paging(Set.of()), IOVA, OUT, PAGE);
    device().attach(NONE, domain);
    mapped(paging(Set.of()), IOVA, OUT, PAGE); // attached nowhere: its frames come back
    rig.driver = rig.newDriver();
    AdoptReport report = rig.driver.adopt(null, rig.faults);
    assertThat(report.framesReturned()).isPositive();
    assertThat(report.domains().keySet()).containsExactly(domain.key());
    assertThat(rig.write(NONE, IOVA, 2)).isEqualTo(TransferStatus.OK);
    unmap(report.domains().get(domain.key()), IOVA, PAGE);
    assertThat(rig.write(NONE, IOVA, 2)).isEqualTo(TransferStatus.FAULT);
    rig.driver.stop();
    assertThat(rig.held()).isEqualTo(rig.framesBefore);
  }

  @Test
  void aForeignHandOverIsRefusedAndNothingIsTouched() {
    build(Scheduler.Mode.INLINE);
    device().attach(NONE, mapped(paging(Set.of()), IOVA, OUT, PAGE));
    Blob blob = rig.driver.handOver();
    Blob other = new Blob("smmuv3.driver-handover", ByteBuffer.allocate(64));
    assertThatThrownBy(() -> rig.newDriver().adopt(other, rig.faults))
        .isInstanceOf(IoasisException.class)
        .hasMessageContaining("smmuv3.driver-handover");
    assertThat(rig.write(NONE, IOVA, 2)).isEqualTo(TransferStatus.OK);
    rig.driver = rig.newDriver();
    rig.driver.adopt(blob, rig.faults);
    assertThat(rig.write(NONE, IOVA, 3)).isEqualTo(TransferStatus.OK);
  }

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void aCommandThatStopsTheUnitFailsAlone(Scheduler.Mode mode) {
    build(mode);
    DriverCore core = ((SmmuDriver) rig.driver).core();
    assertThatThrownBy(() -> core.run(new CommandList().raw(0x77, 0)))
        .isInstanceOf(IoasisException.class)
        .hasMessageContaining("0x77");
    DriverDomain domain = mapped(paging(Set.of()), IOVA, OUT, PAGE);
    device().attach(NONE, domain);
    assertThat(rig.write(NONE, IOVA, 1)).isEqualTo(TransferStatus.OK);
    unmap(domain, IOVA, PAGE);
    assertThat(rig.write(NONE, IOVA, 1)).isEqualTo(TransferStatus.FAULT);
  }
}
