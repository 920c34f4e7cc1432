package org.ioasis.iopf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.iopf.Platform.RW;

import java.util.stream.Stream;
import org.ioasis.api.IovaRange;
import org.ioasis.api.device.Device;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.MapRequest;
import org.ioasis.api.domain.MemorySource;
import org.ioasis.api.domain.MemorySpec;
import org.ioasis.api.domain.UnmapMode;
import org.ioasis.api.engine.DmaChannel;
import org.ioasis.api.engine.DmaEngine;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.iopf.Platform.Vendor;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Shared virtual addressing: a process-like space behind a PASID that fills on demand. */
class SharedMemoryTest {
  private static final int PROCESS = 5;
  private static final long HEAP = 0x7000_0000L;

  static Stream<Arguments> vendorsAndModes() {
    return Stream.of(Vendor.values())
        .flatMap(
            vendor -> Stream.of(Scheduler.Mode.values()).map(mode -> Arguments.of(vendor, mode)));
  }

  @ParameterizedTest
  @MethodSource("vendorsAndModes")
  @Requirement({46, 48, 62, 66})
  void aDmaIntoMemoryThatIsNotThereFaultsIsFilledAndGoesThrough(Vendor vendor, Scheduler.Mode mode)
      throws Exception {
    fillOnDemand(new Platform(mode), vendor);
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  @Requirement({46, 57, 66})
  void theSameOnThePlatformAsItShips(Vendor vendor) throws Exception {
    fillOnDemand(Platform.asShipped(), vendor);
  }

  private static void fillOnDemand(Platform platform, Vendor vendor) throws Exception {
    try (Platform on = platform.unit("unit0", vendor)) {
      DmaEngine engine = on.engine(vendor, "gpu", 0x20);
      Device device = on.bind(engine);
      AddressSpace process = on.space("process");
      Platform.map(process, on.onDemand("heap", 16), HEAP, RW);
      Platform.attach(device, process, PROCESS);
      DmaChannel channel = engine.channel();
      for (int page = 0; page < 16; page++) {
        long at = HEAP + page * Platform.PAGE + 8;
        assertThat(Platform.store(channel, PROCESS, at, page + 1)).isEqualTo(TransferStatus.OK);
      }
      for (int page = 0; page < 16; page++) {
        long at = HEAP + page * Platform.PAGE + 8;
        assertThat(Platform.load(channel, PROCESS, at)).isEqualTo(page + 1);
      }
      assertThat(on.counter("answered.success")).isEqualTo(16);
      assertThat(on.counter("answered.invalid")).isZero();
      assertThat(Platform.store(channel, PROCESS, HEAP - 8, 1))
          .as("nothing is mapped there")
          .isEqualTo(TransferStatus.FAULT);
      assertThat(on.counter("answered.invalid")).isOne();
    }
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  @Requirement({46, 60})
  void rightsThatChangeAndMemoryThatGoesReachTheDevice(Vendor vendor) throws Exception {
    try (Platform on = new Platform(Scheduler.Mode.STEPS).unit("unit0", vendor)) {
      DmaEngine engine = on.engine(vendor, "gpu", 0x20);
      Device device = on.bind(engine);
      AddressSpace process = on.space("process");
      Platform.map(process, on.onDemand("heap", 4), HEAP, RW);
      Platform.attach(device, process, PROCESS);
      DmaChannel channel = engine.channel();
      assertThat(Platform.store(channel, PROCESS, HEAP, 7)).isEqualTo(TransferStatus.OK);

      process.protect(IovaRange.of(HEAP, 4 * Platform.PAGE), DmaRequest.READ);
      assertThat(Platform.store(channel, PROCESS, HEAP, 8)).isEqualTo(TransferStatus.FAULT);
      assertThat(Platform.load(channel, PROCESS, HEAP)).isEqualTo(7);
      process.protect(IovaRange.of(HEAP, 4 * Platform.PAGE), RW);
      assertThat(Platform.store(channel, PROCESS, HEAP, 9)).isEqualTo(TransferStatus.OK);

      process.unmap(IovaRange.of(HEAP, 4 * Platform.PAGE), UnmapMode.WHOLE);
      assertThat(Platform.store(channel, PROCESS, HEAP, 10)).isEqualTo(TransferStatus.FAULT);
      Platform.map(process, on.onDemand("heap again", 4), HEAP, RW);
      assertThat(Platform.load(channel, PROCESS, HEAP)).as("zeros again").isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  @Requirement(46)
  void aForkedSpaceCopiesAPageWhenOneOfTheTwoWritesIt(Vendor vendor) throws Exception {
    try (Platform on = new Platform(Scheduler.Mode.STEPS).unit("unit0", vendor)) {
      DmaEngine engine = on.engine(vendor, "gpu", 0x20);
      Device device = on.bind(engine);
      AddressSpace parent = on.space("parent");
      MemorySource heap = on.onDemand("heap", 4);
      Platform.map(parent, heap, HEAP, RW);
      Platform.attach(device, parent, PROCESS);
      DmaChannel channel = engine.channel();
      assertThat(Platform.store(channel, PROCESS, HEAP, 7)).isEqualTo(TransferStatus.OK);

      AddressSpace child = on.space("child");
      MemorySource copy = on.ioas().createSource("fork", new MemorySpec.CopyOf(heap.handle()));
      child.map(MapRequest.of(copy.handle(), 0, copy.length(), RW).at(HEAP));
      Platform.attach(device, child, PROCESS + 1);
      assertThat(Platform.load(channel, PROCESS + 1, HEAP)).isEqualTo(7);
      assertThat(Platform.store(channel, PROCESS + 1, HEAP, 8)).isEqualTo(TransferStatus.OK);
      assertThat(Platform.load(channel, PROCESS, HEAP)).isEqualTo(7);
      assertThat(Platform.store(channel, PROCESS, HEAP, 9)).isEqualTo(TransferStatus.OK);
      assertThat(Platform.load(channel, PROCESS + 1, HEAP)).isEqualTo(8);
      assertThat(Platform.store(channel, PROCESS, HEAP + Platform.PAGE, 5))
          .isEqualTo(TransferStatus.OK);
      assertThat(Platform.load(channel, PROCESS + 1, HEAP + Platform.PAGE)).isZero();
    }
  }
}
