package org.ioasis.domain.swap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.domain.Rig.NO_PASID;
import static org.ioasis.domain.Rig.refusal;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.ioasis.amdvi.driver.AmdViDriverFactory;
import org.ioasis.amdvi.hardware.AmdviFactory;
import org.ioasis.api.Blob;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.device.AttachTarget;
import org.ioasis.api.device.Device;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.AddressSpaceSpec;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.domain.DomainEvent;
import org.ioasis.api.domain.DomainRequest;
import org.ioasis.api.domain.MemorySource;
import org.ioasis.api.domain.SwapReport;
import org.ioasis.api.domain.SwapRequest;
import org.ioasis.api.domain.UnmapMode;
import org.ioasis.api.driver.FaultClass;
import org.ioasis.api.driver.FaultKind;
import org.ioasis.api.driver.FaultSink;
import org.ioasis.api.driver.FaultStage;
import org.ioasis.api.driver.RecoverableFault;
import org.ioasis.api.driver.UnrecoverableFault;
import org.ioasis.api.fault.DrainReport;
import org.ioasis.api.fault.DrainScope;
import org.ioasis.api.fault.FaultRouter;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Translation;
import org.ioasis.domain.Rig;
import org.ioasis.domain.TestDevice;
import org.ioasis.domain.device.DeviceSettings;
import org.ioasis.domain.unit.Meddler;
import org.ioasis.testing.Requirement;
import org.ioasis.vtd.driver.VtdDriverFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One unit for another, both ways, and what is refused. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class SwapTest {
  private final Meddler driver = new Meddler(new VtdDriverFactory());
  private Rig rig;
  private TestDevice nic;
  private TestDevice disk;
  private Device nicDevice;
  private Device diskDevice;
  private AddressSpace space;

  @BeforeEach
  void start() {
    rig =
        new Rig(new DeviceSettings().route("0x0-0xff=old"))
            .vtd("old", Rig.LEGACY)
            .vtd("new", Rig.FIRST)
            .drivers(driver);
    nic = rig.device("nic", 0x20);
    disk = rig.device("disk", 0x30);
    nicDevice = rig.bind(nic);
    diskDevice = rig.bind(disk);
    space = rig.space("s");
    rig.map(space, rig.memory("m", 64), 0x10000);
    Rig.attach(nicDevice, space);
    Rig.attach(diskDevice, space);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private static SwapRequest request(SwapRequest.Order order) {
    return new SwapRequest("old", "new", order, SwapRequest.Formats.REFUSE);
  }

  private void write(TestDevice device, long from, long salt) {
    for (int page = 0; page < 64; page++) {
      assertThat(device.store(from + page * Rig.PAGE, salt + page)).isTrue();
    }
  }

  private void read(TestDevice device, long from, long salt) {
    for (int page = 0; page < 64; page++) {
      assertThat(device.load(from + page * Rig.PAGE)).isEqualTo(salt + page);
    }
  }

  @ParameterizedTest
  @EnumSource(SwapRequest.Order.class)
  void everyMappingOfEveryDeviceIsThereAfterwards(SwapRequest.Order order) {
    write(nic, 0x10000, 1000);
    SwapReport report = rig.core.swapService().swap(request(order));
    assertThat(report.objections()).isEmpty();
    assertThat(report.performed()).isTrue();
    assertThat(report.mappings()).isEqualTo(1);
    assertThat(report.devices())
        .extracting(SwapReport.DeviceSwap::device)
        .containsExactlyInAnyOrder("nic", "disk");
    read(disk, 0x10000, 1000);
    assertThat(nicDevice.view().unitId()).contains("new");
    assertThat(rig.machine.fabric().port(0x20).orElseThrow().unitId()).isEqualTo("new");
    Domain domain =
        rig.core.domainService(rig.client).domain(nicDevice.attachments().get(0).domain());
    assertThat(domain.unitId()).as("the domain is the same, its unit another").isEqualTo("new");
    rig.map(space, rig.memory("n", 1), 0x200000);
    assertThat(nic.reads(0x200000)).isTrue();
    space.unmap(IovaRange.of(0x10000, 64 * Rig.PAGE), UnmapMode.WHOLE);
    assertThat(nic.refusal(0x10000)).isEqualTo(Translation.Refusal.FAULT);
    assertThat(rig.events()).singleElement().isInstanceOf(DomainEvent.Swapped.class);
  }

  @ParameterizedTest
  @EnumSource(SwapRequest.Order.class)
  void thereAndBackNoFrameIsLost(SwapRequest.Order order) {
    long before = rig.core.parts().hosts().framesHeld();
    SwapReport there = rig.core.swapService().swap(request(order));
    SwapReport back =
        rig.core
            .swapService()
            .swap(new SwapRequest("new", "old", order, SwapRequest.Formats.REFUSE));
    assertThat(there.framesBefore()).isEqualTo(before);
    assertThat(back.framesBefore()).isEqualTo(there.framesAfter());
    assertThat(back.framesAfter()).isEqualTo(before);
    assertThat(nic.reads(0x10000)).isTrue();
  }

  @Test
  void makeBeforeBreakClosesOnePortAtATimeAndNotDuringTheFill() {
    driver.before("batch.mapPages", () -> assertThat(nic.reads(0x10000)).isTrue());
    driver.before(
        "batch.map",
        () -> {
          assertThat(nic.reads(0x10000)).as("passes while the new table is filled").isTrue();
          assertThat(disk.reads(0x10000)).isTrue();
        });
    List<String> bothPass = new ArrayList<>();
    driver.watcher =
        call -> {
          assertThat(nic.port().isOpen() || disk.port().isOpen()).as(call).isTrue();
          if (nic.port().isOpen() && disk.port().isOpen()) {
            bothPass.add(call);
          }
        };
    SwapReport report = rig.core.swapService().swap(request(SwapRequest.Order.MAKE_BEFORE_BREAK));
    assertThat(report.performed()).isTrue();
    assertThat(report.dmaBlocked()).isZero();
    assertThat(bothPass).contains("new batch.map", "new device.attach", "old device.close");
  }

  @Test
  void mapAndUnmapDuringTheFillReachBothTables() {
    driver.before(
        "batch.map",
        () -> {
          rig.map(space, rig.memory("late", 2), 0x900000);
          space.unmap(IovaRange.of(0x900000, 2 * Rig.PAGE), UnmapMode.WHOLE);
          rig.map(space, rig.memory("later", 2), 0xa00000);
        });
    SwapReport report = rig.core.swapService().swap(request(SwapRequest.Order.MAKE_BEFORE_BREAK));
    assertThat(report.performed()).isTrue();
    assertThat(nic.reads(0xa00000)).isTrue();
    assertThat(nic.reads(0x900000)).isFalse();
    assertThat(nic.reads(0x10000)).isTrue();
  }

  /** What the drivers are asked while a port is closed, for a number of mappings. */
  private static List<String> callsInBlackout(int mappings, boolean ats) {
    Meddler driver = new Meddler(new VtdDriverFactory());
    try (Rig one =
        new Rig(new DeviceSettings().route("0x0-0xff=old"))
            .vtd("old", "full")
            .vtd("new", "full")
            .drivers(driver)) {
      TestDevice device = one.device(new EndpointSpec("nic", 0x20, ats, ats, false, false, 0));
      AddressSpace many = one.space("s");
      MemorySource page = one.memory("m", 1);
      for (int i = 0; i < mappings; i++) {
        one.map(many, page, 0x10000 + i * 2L * Rig.PAGE);
      }
      Rig.attach(one.bind(device), many);
      List<String> inside = new ArrayList<>();
      driver.watcher =
          call -> {
            if (!device.port().isOpen()) {
              inside.add(call);
            }
          };
      assertThat(one.core.swapService().swap(SwapRequest.of("old", "new")).performed()).isTrue();
      return List.copyOf(inside);
    }
  }

  @Test
  void theBlackoutIsTheSameHandfulOfCallsForAnyNumberOfMappings() {
    assertThat(callsInBlackout(1, false)).containsExactly("old drain");
    assertThat(callsInBlackout(3000, false)).containsExactly("old drain");
    assertThat(callsInBlackout(1, true)).containsExactly("old drain", "old device.close");
    assertThat(callsInBlackout(3000, true)).containsExactly("old drain", "old device.close");
  }

  @ParameterizedTest
  @EnumSource(SwapRequest.Order.class)
  void heldTransactionsAskAgainAndWhoWasToAnswerIsTold(SwapRequest.Order order) {
    TestDevice dsp = rig.device(new EndpointSpec("dsp", 0x50, false, false, false, true, 0));
    Rig.attach(rig.bind(dsp), space);
    List<RecoverableFault> withdrawn = new ArrayList<>();
    FaultRouter router = new WithdrawalRouter(withdrawn);
    rig.core.parts().devices().router(router);
    rig.core.parts().hosts().routerCame(router);
    RecoverableFault held =
        new RecoverableFault(
            FaultKind.STALL,
            0x50,
            NO_PASID,
            0x900000,
            DmaRequest.READ,
            false,
            3,
            true,
            FaultStage.UNKNOWN,
            FaultClass.DATA,
            0,
            new Blob("test.record", ByteBuffer.allocate(0)),
            0);
    driver.sinks.get("old").recoverable(held);
    SwapReport report = rig.core.swapService().swap(request(order));
    assertThat(report.performed()).isTrue();
    assertThat(report.stallsMoved()).isEqualTo(1);
    assertThat(withdrawn).containsExactly(held);
    assertThat(dsp.told).containsExactly("stall -1 MOVED");
    assertThat(nic.told).as("a device that cannot stall is not told").isEmpty();
  }

  /** Remembers what was withdrawn. */
  private record WithdrawalRouter(List<RecoverableFault> withdrawn) implements FaultRouter {
    @Override
    public FaultSink sink(String unitId) {
      return new FaultSink() {
        @Override
        public void recoverable(RecoverableFault fault) {}

        @Override
        public void unrecoverable(UnrecoverableFault fault) {}

        @Override
        public void lost(boolean recoverable, long atLeast) {}

        @Override
        public void withdrawn(RecoverableFault fault) {
          withdrawn.add(fault);
        }
      };
    }

    @Override
    public DrainReport drain(DrainScope scope) {
      return new DrainReport(0, 0, 0, 0);
    }

    @Override
    public int open(DrainScope scope) {
      return 0;
    }
  }

  @Test
  void aDryRunTouchesNothing() {
    long frames = rig.core.parts().hosts().framesHeld();
    SwapReport report = rig.core.swapService().dryRun(request(SwapRequest.Order.MAKE_BEFORE_BREAK));
    assertThat(report.performed()).isFalse();
    assertThat(report.objections()).isEmpty();
    assertThat(report.devices()).hasSize(2);
    assertThat(rig.core.parts().hosts().framesHeld()).isEqualTo(frames);
    assertThat(nicDevice.view().unitId()).contains("old");
    assertThat(nic.reads(0x10000)).isTrue();
  }

  @Test
  void whatDoesNotFitIsRefusedWithTheWholeListBeforeAnythingIsTouched() {
    rig.vtd("narrow", "legacy39");
    rig.map(space, rig.memory("high", 1), 1L << 40);
    var request =
        new SwapRequest(
            "old", "narrow", SwapRequest.Order.BREAK_BEFORE_MAKE, SwapRequest.Formats.REFUSE);
    SwapReport report = rig.core.swapService().swap(request);
    assertThat(report.performed()).isFalse();
    assertThat(report.objections()).isNotEmpty();
    assertThat(report.objections().get(0).message()).contains("narrow");
    assertThat(nic.reads(1L << 40)).isTrue();
    assertThat(nicDevice.view().unitId()).contains("old");
    space.unmap(IovaRange.of(1L << 40, Rig.PAGE), UnmapMode.WHOLE);
    assertThat(rig.core.swapService().swap(request).performed()).isTrue();
  }

  @Test
  void aPortableSpaceIsToldAtOnceWhatWouldNotFitAndNeverBecomesUnfit() throws Exception {
    try (Rig two =
        new Rig(new DeviceSettings().route("0x0-0xff=wide"))
            .unit("wide", new AmdviFactory(), "full")
            .vtd("narrow", "legacy39")
            .drivers(new AmdViDriverFactory(), new VtdDriverFactory())) {
      TestDevice device = two.device("nic", 0x20);
      AddressSpace portable =
          two.ioas().createSpace(AddressSpaceSpec.named("p").portable(Set.of("vtd", "amdvi")));
      Rig.attach(two.bind(device), portable);
      var refused = refusal(() -> two.map(portable, two.memory("high", 1), 1L << 40));
      assertThat(refused.reason()).isIn(Reason.INVALID, Reason.RESERVED, Reason.UNSUPPORTED);
      two.map(portable, two.memory("low", 1), 1L << 30);
      SwapReport report = two.core.swapService().swap(SwapRequest.of("wide", "narrow"));
      assertThat(report.objections()).isEmpty();
      assertThat(device.reads(1L << 30)).isTrue();
    }
  }

  @Test
  void aPasidThatTheNewUnitHasNotIsRefused() {
    rig.core.swapService().swap(request(SwapRequest.Order.MAKE_BEFORE_BREAK));
    TestDevice gpu = rig.device(new EndpointSpec("gpu", 0x140, false, false, false, false, 8));
    assertThat(
            refusal(() -> rig.bind(gpu).attach(new AttachTarget.Space(space.handle()), NO_PASID)))
        .matches(e -> e.reason() == Reason.GONE)
        .hasMessageContaining("routes");
  }

  @Test
  void pasidsMoveWithTheirDevice() throws Exception {
    try (Rig two =
        new Rig(new DeviceSettings().route("0x0-0xff=old"))
            .vtd("old", Rig.FIRST)
            .vtd("new", "full")
            .vtd("plain", Rig.LEGACY)
            .vtdDrivers()) {
      TestDevice gpu = two.device(new EndpointSpec("gpu", 0x40, false, false, false, false, 8));
      Device device = two.bind(gpu);
      AddressSpace kernel = two.space("kernel");
      AddressSpace process = two.space("process");
      two.map(process, two.memory("p", 1), 0x2000);
      Rig.attach(device, kernel);
      device.attach(new AttachTarget.Space(process.handle()), 9);
      SwapReport refused = two.core.swapService().swap(SwapRequest.of("old", "plain"));
      assertThat(refused.performed()).isFalse();
      assertThat(refused.objections())
          .anyMatch(o -> o.message().contains("pasid 0x9 refused by unit plain"));
      SwapReport report = two.core.swapService().swap(SwapRequest.of("old", "new"));
      assertThat(report.objections()).isEmpty();
      assertThat(gpu.passes(9, 0x2000, DmaRequest.READ)).isTrue();
      assertThat(gpu.passes(8, 0x2000, DmaRequest.READ)).isFalse();
      assertThat(gpu.told)
          .as("its PASID capability is never switched off on the way")
          .containsExactly("enable false false true");
    }
  }

  @Test
  void aUnitThatIsGoneIsReplacedByBreakBeforeMakeOnly() {
    write(nic, 0x10000, 5);
    rig.removeUnit("old");
    SwapReport refused = rig.core.swapService().swap(request(SwapRequest.Order.MAKE_BEFORE_BREAK));
    assertThat(refused.performed()).isFalse();
    assertThat(refused.objections())
        .singleElement()
        .satisfies(o -> assertThat(o.message()).contains("break before make"));
    SwapReport report = rig.core.swapService().swap(request(SwapRequest.Order.BREAK_BEFORE_MAKE));
    assertThat(report.performed()).isTrue();
    assertThat(rig.core.swapService().quarantined()).isEmpty();
    read(nic, 0x10000, 5);
    read(disk, 0x10000, 5);
  }

  @Test
  void unknownUnitsAreNotFoundAndADriverAloneIsExchangedInPlace() {
    assertThat(refusal(() -> rig.core.swapService().swap(SwapRequest.of("old", "none"))).reason())
        .isEqualTo(Reason.NOT_FOUND);
    assertThat(refusal(() -> rig.core.swapService().swap(SwapRequest.of("none", "new"))).reason())
        .isEqualTo(Reason.NOT_FOUND);
    rig.vtdDrivers();
    SwapReport report = rig.core.swapService().swap(SwapRequest.of("old", "old"));
    assertThat(report.performed()).isTrue();
    assertThat(report.devices()).isEmpty();
    assertThat(rig.core.parts().hosts().require("old").counters())
        .containsEntry("driver.adoptions", 1L);
    assertThat(nic.reads(0x10000)).isTrue();
  }

  @Test
  void aDeviceThatTheNewUnitRefusesInTheMiddleGoesBackAndSoDoTheOthers() {
    int[] attaches = {0};
    Runnable second =
        new Runnable() {
          @Override
          public void run() {
            if (++attaches[0] == 2) {
              throw new org.ioasis.api.IoasisException(Reason.EXHAUSTED, "no room in the new unit");
            }
            driver.before("device.attach", this);
          }
        };
    driver.before("device.attach", second);
    SwapReport report = rig.core.swapService().swap(request(SwapRequest.Order.MAKE_BEFORE_BREAK));
    assertThat(report.performed()).isFalse();
    assertThat(report.objections())
        .singleElement()
        .satisfies(o -> assertThat(o.message()).contains("no room"));
    assertThat(nicDevice.view().unitId()).contains("old");
    assertThat(diskDevice.view().unitId()).contains("old");
    assertThat(nic.reads(0x10000)).isTrue();
    assertThat(disk.reads(0x10000)).isTrue();
  }

  @Test
  void aDriverThatThrowsDuringASwapIsContainedAndTheDevicesStayWhereTheyWere() {
    driver.after("device.attach", () -> driver.breaks("new device.attach"));
    SwapReport report = rig.core.swapService().swap(request(SwapRequest.Order.MAKE_BEFORE_BREAK));
    driver.mends("new device.attach");
    assertThat(report.performed()).isFalse();
    // one went, the next broke the driver of the new unit: it is blocked, not half open
    assertThat(rig.core.parts().hosts().require("new").isServing()).isFalse();
    assertThat(nic.reads(0x10000)).as("went there first and came back").isTrue();
    assertThat(disk.reads(0x10000)).as("went back in the middle").isTrue();
    rig.core.parts().hosts().exchangeDriver(rig.core.parts().hosts().require("new"));
    SwapReport again = rig.core.swapService().swap(request(SwapRequest.Order.BREAK_BEFORE_MAKE));
    assertThat(again.performed()).isTrue();
    assertThat(nic.reads(0x10000)).isTrue();
    assertThat(disk.reads(0x10000)).isTrue();
  }

  @Test
  @Requirement(8)
  void anExplicitDomainFollowsItsDevicesAndKeepsItsIdentity() {
    Domain domain =
        rig.core
            .domainService(rig.client)
            .create(DomainRequest.paging(nicDevice.handle(), space.handle()));
    nicDevice.replace(
        new AttachTarget.Table(domain.handle()),
        NO_PASID,
        org.ioasis.api.driver.ChangeMode.HITLESS);
    rig.core.swapService().swap(request(SwapRequest.Order.MAKE_BEFORE_BREAK));
    assertThat(domain.unitId()).isEqualTo("new");
    assertThat(Translation.isPresent(domain.lookup(0x10000))).isTrue();
    assertThat(refusal(domain::destroy)).matches(e -> e.reason() == Reason.BUSY);
    nicDevice.detach(NO_PASID);
    domain.destroy();
  }
}
