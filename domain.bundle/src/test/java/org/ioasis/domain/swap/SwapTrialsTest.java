package org.ioasis.domain.swap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.domain.Rig.NO_PASID;
import static org.ioasis.domain.Rig.blob;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.ioasis.api.Blob;
import org.ioasis.api.Reason;
import org.ioasis.api.device.AttachTarget;
import org.ioasis.api.device.Binding;
import org.ioasis.api.device.Device;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.domain.DomainEvent;
import org.ioasis.api.domain.DomainRequest;
import org.ioasis.api.domain.DomainService;
import org.ioasis.api.domain.SwapReport;
import org.ioasis.api.domain.SwapRequest;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.FaultAnswer;
import org.ioasis.api.driver.RecoverableFault;
import org.ioasis.api.engine.DmaEngine;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.api.machine.Translation;
import org.ioasis.domain.Rig;
import org.ioasis.domain.TestDevice;
import org.ioasis.testing.Dawdle;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Swaps under load that are refused, that lose a format and that move stalled transactions: a
 * guest, whose tables are in the format of the old unit, stands against each swap until the policy
 * gives them up, and whatever the SMMU holds for a device is asked anew behind the next unit.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SwapTrialsTest {
  private static final int STEPS = SwapBench.TOUR.size() - 1;

  /** The vendor whose units hold transactions. */
  private static final String STALLS = "SMMUV3";

  private static final int GUEST_PAGES = 16;
  private static final long HEAP = 0x6666_0000L;
  private static final long NOWHERE = HEAP + Rig.PAGE;
  private static final long PATIENCE_NANOS = 20_000_000_000L;

  /** What a guest gives for its stage: its tables begin at its address 0x1000. */
  private static final Map<String, Blob> STAGES =
      Map.of(
          "VTD", blob("vtd.hwpt-s1", 0, 0x1000, 48), // flags; PGD; width
          "SMMUV3", blob("smmuv3.guest-ste", 0x100B, 0xD4), // stage 1, one descriptor
          "AMDVI", blob("amdvi.guest-dte", 0x0480_0000_0000_0001L, 0, 0, 0)); // V, GV, root 14:12

  @ParameterizedTest
  @EnumSource(SwapRequest.Order.class)
  @Requirement(43)
  void whatGoesWrongLosesNothingElse(SwapRequest.Order order) throws Exception {
    trials(order, 1_000, 2);
  }

  @Tag("stress")
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  @ParameterizedTest
  @EnumSource(SwapRequest.Order.class)
  @Requirement(43)
  void theSameAHundredTimesWithAMillionMappings(SwapRequest.Order order) throws Exception {
    trials(order, 1_000_000, 100);
  }

  private static void trials(SwapRequest.Order order, int mappings, int rounds) throws Exception {
    try (SwapBench bench = new SwapBench(mappings);
        Trials trials = new Trials(bench)) {
      bench.start();
      long frames = 0;
      for (int round = 0; round < rounds; round++) {
        for (int step = 0; step < STEPS; step++) {
          trials.swap(SwapBench.TOUR.get(step), SwapBench.TOUR.get(step + 1), order);
          bench.awaitChanges((long) round * STEPS + step + 2);
          bench.assertMapped(Math.max(1, mappings / 1000));
        }
        frames = round == 0 ? bench.frames() : frames;
        assertThat(bench.frames()).isEqualTo(frames);
      }
      bench.assertMapped(1);
      bench.finish();
      trials.finish(rounds * STEPS, rounds * STEPS / SwapLoadTest.Vendor.values().length);
    }
  }

  /** The guest and the device that stalls. */
  private static final class Trials implements AutoCloseable {
    private final SwapBench bench;
    private final Rig rig;
    private final OpenRouter router = new OpenRouter();
    private final DomainService domains;
    private final TestDevice nic;
    private final Device guest;
    private final Domain parent;
    private final DmaEngine gpu;
    private long lost;
    private long moved;

    Trials(SwapBench bench) {
      this.bench = bench;
      rig = bench.rig;
      router.cameTo(rig);
      domains = rig.core.domainService(rig.client);
      nic = rig.device("nic", 0x500);
      guest = rig.bind(nic);
      AddressSpace memory = rig.space("guest");
      rig.map(memory, rig.memory("guest", GUEST_PAGES), 0);
      parent =
          domains.create(
              DomainRequest.paging(guest.handle(), memory.handle())
                  .with(Set.of(DomainFlag.NEST_PARENT)));
      gpu = bench.engine(new EndpointSpec("gpu", 0x600, false, false, false, true, 0), true);
      AddressSpace heap = rig.space("heap");
      rig.map(heap, rig.memory("heap", 1), HEAP);
      Rig.attach(rig.core.deviceService(rig.client).bind("gpu", Binding.of("trials", 1)), heap);
    }

    /** One swap: refused, then by policy; what stalled is asked anew. */
    void swap(String from, String to, SwapRequest.Order order) throws Exception {
      Domain nested =
          domains.create(DomainRequest.nested(guest.handle(), parent.handle(), STAGES.get(from)));
      guest.attach(new AttachTarget.Table(nested.handle()), NO_PASID);
      CompletableFuture<TransferStatus> stalled = stall(from);
      List<RecoverableFault> held = List.copyOf(router.open);

      refused(swap(from, to, order, SwapRequest.Formats.REFUSE), nested);
      assertThat(router.open).as("a refusal touches nothing").isEqualTo(held);
      long changes = bench.probe.changes();

      SwapReport report = swap(from, to, order, SwapRequest.Formats.QUARANTINE);
      assertThat(report.performed()).as("%s", report).isTrue();
      assertThat(report.stallsMoved()).isEqualTo(held.size());
      moved += held.size();
      formatLost(report, nested);
      bench.awaitChanges(changes + 1);
      assertThat(stalled.get(PATIENCE_NANOS, TimeUnit.NANOSECONDS))
          .as("the next unit holds nothing")
          .isEqualTo(TransferStatus.FAULT);
      assertThat(router.open).isEmpty();
      for (RecoverableFault fault : held) {
        BatchResult late =
            rig.core
                .parts()
                .origin()
                .respond(List.of(FaultAnswer.to(fault, PageResponse.Code.SUCCESS)));
        assertThat(late.done()).isZero();
        assertThat(late.reason()).as("no stalls there").isEqualTo(Reason.UNSUPPORTED);
      }
      guest.detach(NO_PASID);
      nested.destroy();
    }

    private SwapReport swap(
        String from, String to, SwapRequest.Order order, SwapRequest.Formats formats) {
      return rig.core.swapService().swap(new SwapRequest(from, to, order, formats));
    }

    /** An access that nothing leads anywhere, once its unit holds it or has refused it. */
    private CompletableFuture<TransferStatus> stall(String unit) {
      CompletableFuture<TransferStatus> ended =
          CompletableFuture.supplyAsync(
              () -> gpu.channel().read(NO_PASID, NOWHERE, ByteBuffer.allocate(8)));
      Dawdle.until(() -> !router.open.isEmpty() || ended.isDone(), PATIENCE_NANOS);
      assertThat(ended.isDone()).isEqualTo(!unit.equals(STALLS));
      assertThat(router.open).hasSize(unit.equals(STALLS) ? 1 : 0);
      return ended;
    }

    private void refused(SwapReport report, Domain nested) {
      assertThat(report.performed()).isFalse();
      assertThat(report.devices()).isEmpty();
      assertThat(report.objections())
          .singleElement()
          .satisfies(
              objection -> {
                assertThat(objection.reason()).isEqualTo(Reason.UNSUPPORTED);
                assertThat(objection.message()).contains("hwpt " + nested.handle().id());
              });
      assertThat(rig.core.swapService().quarantined()).isEmpty();
    }

    private void formatLost(SwapReport report, Domain nested) {
      assertThat(report.formatsLost()).containsExactly("hwpt " + nested.handle().id());
      assertThat(report.devices())
          .filteredOn(SwapReport.DeviceSwap::quarantined)
          .extracting(SwapReport.DeviceSwap::device)
          .containsExactly("nic");
      assertThat(rig.core.swapService().quarantined()).containsExactly("nic");
      assertThat(nic.refusal(0)).isEqualTo(Translation.Refusal.BLOCKED);
      lost +=
          rig.events().stream()
              .filter(DomainEvent.FormatLost.class::isInstance)
              .map(DomainEvent.FormatLost.class::cast)
              .filter(event -> event.domain().equals(nested.handle()))
              .count();
      rig.events.clear();
    }

    void finish(long swaps, long stalls) {
      assertThat(lost).as("one event for each").isEqualTo(swaps);
      assertThat(moved).isEqualTo(stalls);
      assertThat(gpu.counters()).containsEntry("stalls.moved", stalls);
      assertThat(gpu.counters()).containsEntry("stalls.open", 0L);
      assertThat(router.lost).hasValue(0);
    }

    @Override
    public void close() {
      gpu.close();
    }
  }
}
