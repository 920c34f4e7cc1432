package org.ioasis.domain.space;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import org.ioasis.api.Blob;
import org.ioasis.api.Handle;
import org.ioasis.api.IovaRange;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.domain.Access;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.domain.MapRequest;
import org.ioasis.api.domain.MemorySource;
import org.ioasis.api.domain.MemorySpec;
import org.ioasis.api.domain.Translator;
import org.ioasis.api.domain.UnmapMode;
import org.ioasis.api.driver.FaultClass;
import org.ioasis.api.driver.FaultKind;
import org.ioasis.api.driver.FaultStage;
import org.ioasis.api.driver.RecoverableFault;
import org.ioasis.api.fault.Fault;
import org.ioasis.api.fault.FaultGroup;
import org.ioasis.api.fault.FaultResponse;
import org.ioasis.api.fault.Route;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Translation;
import org.ioasis.domain.Rig;
import org.ioasis.domain.TestDevice;
import org.ioasis.domain.client.Client;
import org.ioasis.domain.device.DeviceSettings;
import org.ioasis.testing.Requirement;
import org.ioasis.vtd.hardware.VtdFactory;
import org.junit.jupiter.api.Test;

/** Spaces behind real VT-d units: what a device can do is what the space says. */
class SpaceDmaTest {
  private static final int R = DmaRequest.READ;
  private static final int W = DmaRequest.WRITE;
  private static final int RW = R | W;
  private static final long PAGE = Rig.PAGE;
  private static final String FULL = new VtdFactory().profiles().get(0).name();

  @Test
  @Requirement({1, 9})
  void devicesBehindTwoFormatsAndAnAccessSeeTheSameMap() throws Exception {
    try (Rig rig =
        new Rig(new DeviceSettings().route("0x20=dmar0").route("0x21=dmar1"))
            .vtd("dmar0", Rig.LEGACY)
            .vtd("dmar1", Rig.FIRST)
            .vtdDrivers()) {
      AddressSpace space = rig.space("vm");
      MemorySource memory = rig.memory("ram", 16);
      rig.map(space, memory, 0x100000);
      List<TestDevice> devices = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        TestDevice device = rig.device("d" + i, 0x20 + i);
        devices.add(device);
        Rig.attach(rig.bind(device), space);
      }
      assertThat(space.domains()).isNotEmpty();
      assertThat(devices.get(0).store(0x103008, 77)).isTrue();
      assertThat(devices.get(1).load(0x103008)).isEqualTo(77);
      Access access = space.access("vfio-like", false, ranges -> {});
      ByteBuffer word = ByteBuffer.allocate(8).order(java.nio.ByteOrder.LITTLE_ENDIAN);
      access.read(0x103008, word);
      assertThat(word.getLong(0)).isEqualTo(77);
      space.protect(IovaRange.of(0x100000, 16 * PAGE), R);
      for (TestDevice device : devices) {
        assertThat(device.store(0x103008, 1)).isFalse();
        assertThat(device.load(0x103008)).isEqualTo(77);
      }
      space.unmapAll();
      for (TestDevice device : devices) {
        assertThat(device.reads(0x103008)).isFalse();
      }
      access.close();
    }
  }

  @Test
  @Requirement({5, 8})
  void whatADeviceNarrowsIsNamedAndARefusalSaysSo() throws Exception {
    try (Rig rig = new Rig().vtd("dmar0", Rig.LEGACY).vtdDrivers()) {
      AddressSpace space = rig.space("vm");
      assertThat(space.limits().alignment()).isEqualTo(1);
      assertThat(space.limits().pageSizes()).isZero();
      TestDevice nic = rig.device("nic", 0x20);
      Rig.attach(rig.bind(nic), space);
      assertThat(space.limits().alignment()).isEqualTo(PAGE);
      assertThat(space.limits().pageSizes() & PAGE).isNotZero();
      assertThat(space.limits().usable()).noneMatch(range -> range.contains(1L << 60));
      assertThat(space.narrowings())
          .anySatisfy(n -> assertThat(n.what()).isEqualTo("alignment 0x1000"))
          .anySatisfy(n -> assertThat(n.range()).isNotNull());
      MemorySource memory = rig.memory("ram", 1);
      var refusal =
          Rig.refusal(() -> space.map(MapRequest.of(memory.handle(), 0, PAGE, RW).at(1L << 60)));
      assertThat(refusal).hasMessageContaining("window of").hasMessageContaining("dmar0");
      assertThat(
              rig.core
                  .deviceService(new Client(9, "asker", () -> false))
                  .attachment(RoutingKey.of(0x20)))
          .as("what the unit tells spaces apart by")
          .isPresent();
    }
  }

  @Test
  void anAddressIsChosenSoThatHardwareCanUseALargePage() throws Exception {
    try (Rig rig = new Rig().vtd("dmar0", Rig.SECOND).vtdDrivers()) {
      AddressSpace space = rig.space("vm");
      TestDevice nic = rig.device("nic", 0x20);
      Rig.attach(rig.bind(nic), space);
      MemorySource memory = rig.memory("ram", 1024);
      space.map(MapRequest.of(memory.handle(), 0, PAGE, RW));
      long first = space.map(MapRequest.of(memory.handle(), 0, 4L << 20, RW));
      assertThat(first & (2 << 20) - 1).isZero();
      long answer = nic.translate(DmaRequest.NO_PASID, first + 0x123456, RW);
      assertThat(Translation.spanLg2(answer)).isEqualTo(21);
    }
  }

  @Test
  void randomChangesAreWhatTheDeviceSees() throws Exception {
    try (Rig rig = new Rig().vtd("dmar0", Rig.SECOND).vtdDrivers()) {
      AddressSpace space = rig.space("vm");
      MemorySource memory = rig.memory("ram", 64);
      Translator translator = space.translator("t", ranges -> {});
      TestDevice nic = rig.device("nic", 0x20);
      Rig.attach(rig.bind(nic), space);
      Random random = new Random(11);
      TreeMap<Long, long[]> model = new TreeMap<>(); // page to offset and rights
      for (int step = 0; step < 600; step++) {
        long iova = 0x100000 + random.nextInt(64) * PAGE;
        long length = (1 + random.nextInt(4)) * PAGE;
        long offset = random.nextInt(60) * PAGE;
        boolean free = model.subMap(iova, iova + length).isEmpty();
        if (free && random.nextInt(3) != 0) {
          int rights = 1 + random.nextInt(3);
          space.map(MapRequest.of(memory.handle(), offset, length, rights).at(iova));
          for (long at = 0; at < length; at += PAGE) {
            model.put(iova + at, new long[] {offset + at, rights});
          }
        } else if (!free) {
          space.unmap(IovaRange.of(iova, length), UnmapMode.SPLIT);
          model.subMap(iova, iova + length).clear();
        }
        long probe = 0x100000 + random.nextInt(70) * PAGE;
        long[] expected = model.get(probe);
        for (int access : new int[] {R, W}) {
          boolean passes = expected != null && (expected[1] & access) != 0;
          long answer = nic.translate(DmaRequest.NO_PASID, probe, access);
          assertThat(Translation.isPresent(answer)).isEqualTo(passes);
          assertThat(Translation.isPresent(translator.translate(probe, access))).isEqualTo(passes);
          if (passes) {
            assertThat(Translation.address(translator.translate(probe, access)))
                .isEqualTo(Translation.address(answer));
          }
        }
      }
      translator.close();
    }
  }

  /** A group with one fault, as the router hands it over. */
  private static FaultResponse answer(
      Space space, Handle<Device> device, long address, int access) {
    Handle<Domain> domain = new Handle<>(Domain.class, 99, 0, 0);
    RecoverableFault source =
        new RecoverableFault(
            FaultKind.PAGE_REQUEST,
            0x20,
            DmaRequest.NO_PASID,
            address,
            access,
            false,
            1,
            true,
            FaultStage.UNKNOWN,
            FaultClass.UNKNOWN,
            0,
            new Blob("test", ByteBuffer.allocate(0)),
            0);
    Route route = Route.of(RoutingKey.of(0x20), device, 0, domain, 1);
    Fault fault =
        new Fault(
            device, 0, DmaRequest.NO_PASID, address, access, false, 1, true, 0, route, source);
    FaultResponse[] given = new FaultResponse[1];
    FaultGroup group =
        (FaultGroup)
            Proxy.newProxyInstance(
                SpaceDmaTest.class.getClassLoader(),
                new Class<?>[] {FaultGroup.class},
                (proxy, method, args) -> {
                  if (method.getName().equals("faults")) {
                    return List.of(fault);
                  }
                  assertThat(method.getName()).isEqualTo("complete");
                  given[0] = (FaultResponse) args[0];
                  return null;
                });
    new DemandHandler(space).handle(group);
    return given[0];
  }

  @Test
  @Requirement(1)
  void memoryComesWhenADeviceThatCanAskTouchesIt() throws Exception {
    try (Rig rig = new Rig().vtd("dmar0", FULL).vtdDrivers()) {
      TestDevice asking = rig.device(new EndpointSpec("asking", 0x20, true, true, true, false, 20));
      AddressSpace space = rig.space("process");
      Space core = rig.spaces.find(space.handle());
      MemorySource heap =
          rig.ioas().createSource("heap", new MemorySpec.Anonymous(16 * PAGE, true));
      Device device = rig.bind(asking);
      Rig.attach(device, space);
      space.map(MapRequest.of(heap.handle(), 0, 16 * PAGE, RW).at(0x400000));
      assertThat(core.followers()).allMatch(Follower::faultCapable);
      assertThat(asking.store(0x402000, 5)).isFalse();
      assertThat(answer(core, device.handle(), 0x402000, RW)).isEqualTo(FaultResponse.SUCCESS);
      assertThat(asking.store(0x402000, 5)).isTrue();
      assertThat(answer(core, device.handle(), 0x500000, R)).isEqualTo(FaultResponse.INVALID);

      AddressSpace child = rig.space("child");
      MemorySource copy = rig.ioas().createSource("copy", new MemorySpec.CopyOf(heap.handle()));
      child.map(MapRequest.of(copy.handle(), 0, 16 * PAGE, RW).at(0x400000));
      assertThat(asking.store(0x402000, 6)).as("shared with the copy").isFalse();
      assertThat(asking.load(0x402000)).isEqualTo(5);
      assertThat(answer(core, device.handle(), 0x402000, W)).isEqualTo(FaultResponse.SUCCESS);
      assertThat(asking.store(0x402000, 6)).isTrue();
      ByteBuffer old = ByteBuffer.allocate(8).order(java.nio.ByteOrder.LITTLE_ENDIAN);
      child.access("a", false, ranges -> {}).read(0x402000, old);
      assertThat(old.getLong(0)).isEqualTo(5);

      space.copy(space.handle(), IovaRange.of(0x402000, PAGE), OptionalLong.of(0x800000), R);
      assertThat(asking.load(0x800000)).isEqualTo(6);
      heap.revoke();
      assertThat(asking.reads(0x402000)).isFalse();
      assertThat(asking.reads(0x800000)).isFalse();
      assertThat(answer(core, device.handle(), 0x402000, R)).isEqualTo(FaultResponse.INVALID);
      heap.restore();
      assertThat(asking.load(0x402000)).isEqualTo(6);
      space.unmap(IovaRange.of(0x400000, 16 * PAGE), UnmapMode.WHOLE);
      assertThat(asking.reads(0x402000)).isFalse();
      assertThat(Map.of("copy", asking.load(0x800000))).containsEntry("copy", 6L);
    }
  }
}
