package org.ioasis.machine.fabric;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.machine.DmaPort;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.machine.DefaultMachineFactory;
import org.junit.jupiter.api.Test;

/** Who watches the ports. */
class PortWatchTest {
  @Test
  void aWatcherIsToldOfPortsThatAreThereThatJoinAndThatLeave() throws Exception {
    try (Machine machine =
        new DefaultMachineFactory()
            .create(MachineSpec.isolated("watch", 40, List.of(MemoryRegion.ram(0, 1 << 20))))) {
      DmaPort first = machine.fabric().join(EndpointSpec.plain("first", 0x10), new Endpoint() {});
      List<String> told = new ArrayList<>();
      AutoCloseable watch =
          machine
              .fabric()
              .watch(id -> told.add("%x %s".formatted(id, machine.fabric().port(id).isPresent())));
      machine.fabric().join(EndpointSpec.plain("second", 0x20), new Endpoint() {});
      first.close();
      first.close();
      watch.close();
      machine.fabric().join(EndpointSpec.plain("third", 0x30), new Endpoint() {});
      assertThat(told).containsExactly("10 true", "20 true", "10 false");
    }
  }
}
