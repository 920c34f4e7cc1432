package org.ioasis.machine.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ioasis.api.hardware.HardwareUnit;
import org.ioasis.api.hardware.UnitService;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.machine.PortControl;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.machine.DefaultMachineFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PlatformUnitTest {
  private final List<String> log = new ArrayList<>();
  private final Machine machine =
      new DefaultMachineFactory()
          .create(MachineSpec.isolated("platform", 48, List.of(MemoryRegion.ram(0, 1 << 30))));
  private final FakeFactory vtd = new FakeFactory("vtd", log);
  private UnitService registered;

  private PlatformUnit unit(String profile) {
    return new PlatformUnit(
        machine,
        "dmar0",
        "vtd",
        profile,
        (service, properties) -> {
          assertThat(properties).isEqualTo(Map.of("ioasis.kind", "vtd", "ioasis.unit.id", "dmar0"));
          registered = service;
          log.add("register");
          return () -> {
            registered = null;
            log.add("unregister, fabric has " + machine.fabric().units());
          };
        });
  }

  @AfterEach
  void close() {
    machine.close();
  }

  @Test
  void livesWhileAFactoryOfItsKindIsThere() {
    PlatformUnit unit = unit("");
    unit.add(new FakeFactory("smmuv3", log));
    assertThat(unit.isAlive()).isFalse();
    unit.add(vtd);
    assertThat(unit.isAlive()).isTrue();
    assertThat(machine.fabric().units()).containsExactly("dmar0");
    assertThat(registered.unitId()).isEqualTo("dmar0");
    assertThat(registered.counters()).containsEntry("hits", 3L);
    assertThat(registered).isNotInstanceOf(HardwareUnit.class);
    machine.fabric().join(EndpointSpec.plain("nic", 8), new Endpoint() {});
    PortControl port = machine.fabric().port(8).orElseThrow();
    port.open("dmar0");

    unit.remove(vtd);

    assertThat(port.unitId()).isNull();
    assertThat(registered).isNull();
    assertThat(log)
        .containsExactly(
            "create dmar0 small", "register", "unregister, fabric has []", "close dmar0");
  }

  @Test
  void anUpdateOfTheVendorGivesANewUnit() {
    PlatformUnit unit = unit("large");
    unit.add(vtd);
    FakeFactory updated = new FakeFactory("vtd", log);
    unit.add(updated);
    assertThat(log).containsExactly("create dmar0 large", "register");
    unit.remove(vtd);
    assertThat(unit.isAlive()).isTrue();
    unit.remove(updated);
    assertThat(log)
        .containsExactly(
            "create dmar0 large",
            "register",
            "unregister, fabric has []",
            "close dmar0",
            "create dmar0 large",
            "register",
            "unregister, fabric has []",
            "close dmar0");
  }

  @Test
  void anUnknownProfileMakesNoUnitAndLeavesNothing() {
    PlatformUnit unit = unit("huge");
    unit.add(vtd);
    assertThat(unit.isAlive()).isFalse();
    assertThat(machine.fabric().units()).isEmpty();
    assertThat(log).isEmpty();
    unit.remove(vtd);
    unit.close();
  }

  @Test
  void aSecondConfigurationOfOneIdHarmsNotTheFirst() {
    PlatformUnit first = unit("");
    first.add(vtd);
    PlatformUnit second = unit("");
    second.add(vtd);
    assertThat(second.isAlive()).isFalse();
    second.close();
    assertThat(first.isAlive()).isTrue();
    assertThat(machine.fabric().units()).containsExactly("dmar0");
  }

  @Test
  void closingEndsTheUnit() {
    PlatformUnit unit = unit("");
    unit.add(vtd);
    unit.close();
    unit.close();
    assertThat(unit.isAlive()).isFalse();
    assertThat(log).endsWith("unregister, fabric has []", "close dmar0").hasSize(4);
  }
}
