package org.ioasis.iopf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.ioasis.iopf.Platform.RW;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.device.AttachTarget;
import org.ioasis.api.device.Binding;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.MapRequest;
import org.ioasis.api.domain.MemorySpec;
import org.ioasis.api.driver.ChangeMode;
import org.ioasis.api.fault.FaultGroup;
import org.ioasis.api.fault.FaultResponse;
import org.ioasis.api.ioasid.IoasidEvent;
import org.ioasis.api.ioasid.IoasidListener;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.domain.device.PasidEnds;
import org.ioasis.iopf.Platform.Vendor;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The order in which a place ends: nothing new is routed, what the device waits for is answered,
 * and only then its entry goes and its page requests are switched off.
 */
class DetachOrderTest {
  private static final int SOURCE = 0x20;
  private static final int PROCESS = 5;
  private static final long HEAP = 0x7000_0000L;

  private final List<FaultGroup> kept = new ArrayList<>();

  /** What ends a place, or the router. */
  @FunctionalInterface
  private interface End {
    void of(Platform on, Device device);
  }

  private void around(Vendor vendor, boolean another, Consumer<Asker> check, End end)
      throws Exception {
    try (Platform on = new Platform(Scheduler.Mode.STEPS).unit("unit0", vendor)) {
      on.allocated.add(PROCESS);
      Asker asker = new Asker(on, vendor, "gpu", SOURCE);
      Device device = on.devices().bind("gpu", Binding.of("test", 1));
      attach(on, device, PROCESS);
      if (another) {
        attach(on, device, PROCESS + 1);
      }
      asker.ask(PROCESS, HEAP, 3);
      assertThat(kept).hasSize(1);
      assertThat(on.reaches("unit0", SOURCE, PROCESS)).isTrue();
      long before = on.machine.time().nanoTime();
      end.of(on, device);
      on.settle();
      check.accept(asker);
      assertThat(on.machine.time().nanoTime() - before).as("no time-out").isLessThan(50_000_000L);
      assertThat(on.counter("drained")).isOne();
      assertThat(on.counter("withdrawn")).isZero();
      assertThat(on.counter("undeliverable")).isZero();
      assertThat(on.counter("open")).isZero();
      assertThat(reasonOf(() -> kept.get(0).complete(FaultResponse.SUCCESS)))
          .isEqualTo(Reason.LATE);
      asker.close();
    }
  }

  private static Reason reasonOf(Runnable call) {
    return catchThrowableOfType(IoasisException.class, call::run).reason();
  }

  private void attach(Platform on, Device device, int pasid) {
    AddressSpace space = on.space("process" + pasid);
    var page = on.ioas().createSource("page" + pasid, new MemorySpec.Anonymous(4096, false));
    space.map(MapRequest.of(page.handle(), 0, 4096, RW).at(0x10_0000));
    Platform.attach(device, space, pasid);
    on.handler(space.domains().get(0).id(), kept::add);
  }

  private static String answer(Vendor vendor) {
    return vendor == Vendor.SMMUV3_STALL ? "ABORT" : "INVALID_REQUEST";
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  @Requirement({60, 66})
  void theLastPlaceIsClosedThenAnsweredThenCleared(Vendor vendor) throws Exception {
    around(
        vendor,
        false,
        asker -> {
          assertThat(asker.told.get(0))
              .isEqualTo(answer(vendor) + ", port closed, no route, entry");
          assertThat(asker.told.subList(1, asker.told.size())).isSubsetOf("page requests off");
        },
        (on, device) -> {
          device.detach(PROCESS);
          assertThat(on.reaches("unit0", SOURCE, PROCESS)).isFalse();
        });
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  @Requirement({60, 66})
  void aPlaceAmongOthersIsAnsweredBeforeItsEntryIsCleared(Vendor vendor) throws Exception {
    around(
        vendor,
        true,
        asker ->
            assertThat(asker.told).containsExactly(answer(vendor) + ", port open, no route, entry"),
        (on, device) -> {
          device.detach(PROCESS);
          assertThat(on.reaches("unit0", SOURCE, PROCESS)).isFalse();
        });
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  @Requirement({60, 66})
  void aBindingThatEndsDoesTheSame(Vendor vendor) throws Exception {
    around(
        vendor,
        true,
        asker ->
            assertThat(asker.told.get(0)).startsWith(answer(vendor)).endsWith("no route, entry"),
        (on, device) -> device.destroy());
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  @Requirement({33, 60, 66})
  void aPasidThatIsFreedIsAnsweredInItsFirstPhase(Vendor vendor) throws Exception {
    around(
        vendor,
        true,
        asker ->
            assertThat(asker.told).containsExactly(answer(vendor) + ", port open, no route, entry"),
        (on, device) -> {
          IoasidEvent freed =
              new IoasidEvent.Freed(1, 1, "test", new Pasid(PROCESS), OptionalInt.empty());
          PasidEnds ends = on.core.parts().pasidEnds();
          for (IoasidListener phase : List.of(ends.quiesce(), ends.drain(), ends.invalidate())) {
            boolean[] acknowledged = {false};
            phase.event(freed, () -> acknowledged[0] = true);
            assertThat(acknowledged[0]).isTrue();
            assertThat(on.reaches("unit0", SOURCE, PROCESS)).isFalse();
            assertThat(on.counter("open")).isZero();
          }
          assertThat(device.attachments()).hasSize(1);
        });
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  @Requirement({60, 66})
  void aReplaceAnswersWhatWaitsForTheOldTable(Vendor vendor) throws Exception {
    around(
        vendor,
        false,
        asker -> assertThat(asker.told).singleElement().asString().startsWith(answer(vendor)),
        (on, device) -> {
          AddressSpace next = on.space("next");
          device.replace(new AttachTarget.Space(next.handle()), PROCESS, ChangeMode.WINDOW_ALLOWED);
          assertThat(on.faults.route(new RoutingKey(SOURCE, PROCESS)).orElseThrow().domain())
              .isEqualTo(next.domains().get(0));
        });
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  @Requirement({60, 66})
  void aRouterThatStopsAnswersEverything(Vendor vendor) throws Exception {
    around(
        vendor,
        false,
        asker ->
            assertThat(asker.told).containsExactly(answer(vendor) + ", port open, routed, entry"),
        (on, device) -> on.router.close());
  }
}
