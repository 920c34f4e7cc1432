package org.ioasis.domain.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.domain.Rig.refusal;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.amdvi.driver.AmdViDriverFactory;
import org.ioasis.amdvi.hardware.AmdviFactory;
import org.ioasis.api.Reason;
import org.ioasis.api.device.Binding;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.DeviceInterrupts;
import org.ioasis.api.domain.SwapRequest;
import org.ioasis.api.engine.DmaChannel;
import org.ioasis.api.engine.DmaEngine;
import org.ioasis.api.engine.EngineSpec;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.domain.Rig;
import org.ioasis.machine.engine.DefaultEngineFactory;
import org.ioasis.smmuv3.driver.SmmuDriverFactory;
import org.ioasis.smmuv3.hardware.SmmuFactory;
import org.ioasis.vtd.driver.VtdDriverFactory;
import org.ioasis.vtd.hardware.VtdFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Interrupts of a device that follow it from unit to unit. */
class InterruptTest {
  private Rig rig;
  private DmaEngine engine;
  private DmaChannel channel;
  private Device device;
  private DeviceInterrupts interrupts;
  private final long[] addresses = new long[2];
  private final int[] words = new int[2];
  private final List<Integer> handled = new ArrayList<>();
  private int programmed;

  @BeforeEach
  void start() {
    rig =
        new Rig(new DeviceSettings().route("0x0-0xffff=v"))
            .unit("v", new VtdFactory(), "full")
            .unit("a", new AmdviFactory(), "full")
            .unit("s", new SmmuFactory(), "full")
            .drivers(new VtdDriverFactory(), new AmdViDriverFactory(), new SmmuDriverFactory());
    EndpointSpec spec = new EndpointSpec("engine", 0x100, false, false, false, false, 0);
    engine = new DefaultEngineFactory().create(rig.machine, EngineSpec.of(spec).blockedWait(0));
    channel = engine.channel();
    device = rig.core.deviceService(rig.client).bind("engine", Binding.of("test", 1));
    Rig.attach(device, rig.space("s"));
    interrupts =
        device.interrupts(
            2,
            (index, address, data) -> {
              addresses[index] = address;
              words[index] = data;
              programmed++;
            },
            handled::add);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private TransferStatus raise(int index) {
    return channel.interrupt(addresses[index], words[index]);
  }

  @ParameterizedTest
  @EnumSource(SwapRequest.Order.class)
  void theyArriveOnceEachBehindEveryVendorsUnit(SwapRequest.Order order) {
    assertThat(interrupts.remapped()).isTrue();
    assertThat(programmed).isEqualTo(2);
    assertThat(raise(1)).isEqualTo(TransferStatus.OK);
    assertThat(handled).containsExactly(1);
    String[] way = {"v", "a", "s", "v"};
    for (int i = 1; i < way.length; i++) {
      long before = addresses[0];
      var request = new SwapRequest(way[i - 1], way[i], order, SwapRequest.Formats.REFUSE);
      assertThat(rig.core.swapService().swap(request).objections()).isEmpty();
      assertThat(interrupts.remapped()).as(way[i]).isEqualTo(!way[i].equals("s"));
      assertThat(programmed).isEqualTo(2 + 2 * i);
      assertThat(raise(0)).isEqualTo(TransferStatus.OK);
      assertThat(raise(1)).isEqualTo(TransferStatus.OK);
      assertThat(handled).hasSize(1 + 2 * i).endsWith(0, 1);
      assertThat(before).isNotZero();
    }
  }

  @Test
  void aDriverUpdateProgramsThemAnewAndNoneIsLost() {
    rig.core.swapService().swap(SwapRequest.of("v", "v"));
    assertThat(programmed).isEqualTo(4);
    raise(0);
    raise(1);
    assertThat(handled).containsExactly(0, 1);
  }

  @Test
  void whereAMessageMayHaveBeenGivenUpTheyAreRaisedAgain() {
    rig.removeUnit("v");
    assertThat(raise(0)).isEqualTo(TransferStatus.BLOCKED);
    var request =
        new SwapRequest("v", "a", SwapRequest.Order.BREAK_BEFORE_MAKE, SwapRequest.Formats.REFUSE);
    assertThat(rig.core.swapService().swap(request).interruptsReplayed()).isEqualTo(2);
    assertThat(handled).containsExactly(0, 1);
  }

  @Test
  void oneBlockAtATimeAndItGoesWithTheBinding() {
    assertThat(refusal(() -> device.interrupts(1, (i, a, d) -> {}, i -> {})).reason())
        .isEqualTo(Reason.EXISTS);
    interrupts.close();
    assertThat(refusal(() -> device.interrupts(3, (i, a, d) -> {}, i -> {})).reason())
        .isEqualTo(Reason.INVALID);
    DeviceInterrupts again = device.interrupts(4, (i, a, d) -> {}, i -> {});
    assertThat(again.count()).isEqualTo(4);
    raise(0);
    assertThat(handled).isEmpty();
    device.destroy();
    again.close();
  }
}
