package org.ioasis.domain.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.ioasis.api.device.AttachTarget;
import org.ioasis.api.device.Device;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.ioasid.IoasidEvent;
import org.ioasis.api.ioasid.IoasidListener;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.domain.Rig;
import org.ioasis.domain.TestDevice;
import org.ioasis.domain.unit.Meddler;
import org.ioasis.testing.Requirement;
import org.ioasis.vtd.driver.VtdDriverFactory;
import org.junit.jupiter.api.Test;

/** What devices do when an id that the allocator handed out ends. */
class PasidEndTest {
  private static IoasidEvent freed(int id) {
    return new IoasidEvent.Freed(1, 1, "test", new Pasid(id), OptionalInt.empty());
  }

  @Test
  @Requirement(33)
  void dmaIsStoppedThenFaultsAreDrainedThenTheEntryIsGoneAndOnlyThenItIsAcknowledged()
      throws Exception {
    Meddler driver = new Meddler(new VtdDriverFactory());
    try (Rig rig = new Rig().vtd("dmar0", Rig.FIRST).drivers(driver)) {
      TestDevice gpu = rig.device(new EndpointSpec("gpu", 0x30, false, false, false, false, 16));
      Device device = rig.bind(gpu);
      AddressSpace kernel = rig.space("kernel");
      AddressSpace process = rig.space("process");
      rig.map(kernel, rig.memory("k", 1), 0x1000);
      rig.map(process, rig.memory("p", 1), 0x2000);
      Rig.attach(device, kernel);
      rig.allocatedPasids.add(5);
      device.attach(new AttachTarget.Space(process.handle()), 5);
      device.attach(new AttachTarget.Space(process.handle()), 6); // the user's own number
      assertThat(gpu.passes(5, 0x2000, DmaRequest.READ)).isTrue();
      driver.calls.clear();

      PasidEnds ends = rig.core.parts().pasidEnds();
      List<String> order = new ArrayList<>();
      ends.quiesce().event(freed(5), () -> order.add("quiesced " + calls(driver)));
      assertThat(gpu.passes(5, 0x2000, DmaRequest.READ)).isFalse();
      assertThat(gpu.reads(0x1000)).as("nobody else is stopped").isTrue();
      assertThat(gpu.passes(6, 0x2000, DmaRequest.READ)).isTrue();
      ends.drain().event(freed(5), () -> order.add("drained " + calls(driver)));
      ends.invalidate().event(freed(5), () -> order.add("invalidated"));
      assertThat(order)
          .containsExactly(
              "quiesced [dmar0 drain, dmar0 device.detach]",
              "drained [dmar0 drain, dmar0 device.detach, dmar0 drain]",
              "invalidated");
      assertThat(device.attachments()).extracting(a -> a.key().pasid()).containsExactly(-1, 6);
      assertThat(rig.core.parts().origin().routes().routes()).hasSize(2);
      // the number is free again
      device.attach(new AttachTarget.Space(kernel.handle()), 5);
      assertThat(gpu.passes(5, 0x1000, DmaRequest.READ)).isTrue();
    }
  }

  private static List<String> calls(Meddler driver) {
    return driver.calls.stream().filter(c -> c.contains("detach") || c.endsWith("drain")).toList();
  }

  @Test
  @Requirement(33)
  void whatDoesNotConcernUsIsAcknowledgedAtOnce() throws Exception {
    try (Rig rig = new Rig().vtd("dmar0", Rig.FIRST).vtdDrivers()) {
      PasidEnds ends = rig.core.parts().pasidEnds();
      List<IoasidListener> all = List.of(ends.quiesce(), ends.drain(), ends.invalidate());
      int[] acknowledged = {0};
      all.forEach(listener -> listener.event(freed(77), () -> acknowledged[0]++));
      assertThat(acknowledged[0]).isEqualTo(3);
    }
  }
}
