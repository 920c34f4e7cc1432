package org.ioasis.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.domain.Rig.NO_PASID;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.ioasis.api.command.CommandContext;
import org.ioasis.api.device.AttachTarget;
import org.ioasis.api.device.Binding;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.DeviceService;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.AddressSpaceSpec;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.domain.DomainRequest;
import org.ioasis.api.domain.DomainService;
import org.ioasis.api.domain.IoasService;
import org.ioasis.api.domain.MapRequest;
import org.ioasis.api.domain.MemorySource;
import org.ioasis.api.domain.MemorySpec;
import org.ioasis.api.domain.SwapService;
import org.ioasis.api.fault.FaultOrigin;
import org.ioasis.api.hardware.HardwareUnit;
import org.ioasis.api.hardware.UnitService;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.machine.PlatformMachine;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.machine.DefaultMachineFactory;
import org.ioasis.testing.Requirement;
import org.ioasis.vtd.driver.VtdDriverFactory;
import org.ioasis.vtd.hardware.VtdFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;

/** The bundle's component with a machine: services, updates, the machine coming and going. */
class MachineSideTest {
  private final FakeFramework framework = new FakeFramework();
  private final Bundle own = framework.bundle(5, "org.ioasis.domain");
  private final Bundle client = framework.bundle(20, "client");
  private final Machine machine =
      new DefaultMachineFactory()
          .create(MachineSpec.isolated("m", 48, List.of(MemoryRegion.ram(0, 1L << 28))));
  private final PlatformMachine platform = () -> machine;
  private final TestDevice nic = new TestDevice(machine, TestDevice.spec("nic", 0x20, 0));
  private final UnitService unit = install("dmar0");

  private UnitService install(String unitId) {
    VtdFactory factory = new VtdFactory();
    HardwareUnit made = factory.create(machine.environment(unitId), factory.profiles().get(0));
    machine.fabric().install(unitId, made, made.mmio());
    return new UnitView(made);
  }

  @AfterEach
  void close() {
    machine.close();
  }

  private DomainStart start() {
    DomainStart start = new DomainStart(own.getBundleContext(), new DomainStartTest.Config());
    start.setMachine(platform);
    start.addUnit(unit);
    start.addFactory(new VtdDriverFactory());
    start.start();
    return start;
  }

  private <T> T service(Class<T> type) {
    return framework.service(client, type);
  }

  private AddressSpace mapped() {
    IoasService ioas = service(IoasService.class);
    MemorySource memory = ioas.createSource("m", new MemorySpec.Anonymous(1 << 16, false));
    AddressSpace space = ioas.createSpace(AddressSpaceSpec.named("s"));
    space.map(MapRequest.of(memory.handle(), 0, 1 << 16, 3).at(0x10000));
    return space;
  }

  @Test
  @Requirement({1, 75})
  void devicesDomainsAndTheirHandlesOutliveAnUpdateOfTheBundle() {
    final DomainStart first = start();
    AddressSpace space = mapped();
    Device device = service(DeviceService.class).bind("nic", Binding.of("test", 9));
    Domain asked =
        service(DomainService.class).create(DomainRequest.paging(device.handle(), space.handle()));
    device.attach(new AttachTarget.Table(asked.handle()), NO_PASID);
    assertThat(nic.store(0x10000, 5)).isTrue();

    first.stop();
    assertThat(nic.refusal(0x10000)).as("no bundle, no DMA").isEqualTo(Translation.Refusal.BLOCKED);
    assertThat(service(DeviceService.class)).isNull();

    final DomainStart second = start();
    assertThat(nic.load(0x10000)).isEqualTo(5);
    Device again = service(DeviceService.class).device(device.handle());
    assertThat(again.label()).isEqualTo(9);
    assertThat(again.attachments())
        .singleElement()
        .satisfies(a -> assertThat(a.domain()).isEqualTo(asked.handle()));
    assertThat(service(DomainService.class).domain(asked.handle()).unitId()).isEqualTo("dmar0");
    again.detach(NO_PASID);
    service(DomainService.class).destroy(asked.handle());
    again.destroy();
    service(IoasService.class).space(space.handle()).destroy();
    second.stop();
  }

  @Test
  @Requirement({67, 76})
  void itIdlesWithoutAMachineAndServesWhileThereIsOne() {
    DomainStart start = new DomainStart(own.getBundleContext(), new DomainStartTest.Config());
    start.addFactory(new VtdDriverFactory());
    start.start();
    assertThat(service(IoasService.class)).isNotNull();
    assertThat(service(DeviceService.class)).isNull();
    start.setMachine(platform);
    start.addUnit(unit);
    assertThat(service(DeviceService.class).devices()).hasSize(1);
    assertThat(service(FaultOrigin.class)).isNotNull();
    AddressSpace space = mapped();
    Device device = service(DeviceService.class).bind("nic", Binding.of("test", 9));
    Rig.attach(device, space);
    assertThat(nic.reads(0x10000)).isTrue();
    start.unsetMachine(platform);
    assertThat(service(DeviceService.class)).isNull();
    assertThat(nic.refusal(0x10000)).isEqualTo(Translation.Refusal.BLOCKED);
    start.stop();
  }

  @Test
  void theCommandsSayWhatThereIs() throws Exception {
    final DomainStart start = start();
    AddressSpace space = mapped();
    Device device = service(DeviceService.class).bind("nic", Binding.of("vm 7", 9));
    Rig.attach(device, space);
    assertThat(run("spaces", 0)).contains("client").contains("0x1000");
    assertThat(run("domains", 0)).contains("PAGING").contains("dmar0").contains("0x20");
    assertThat(run("devices", 0)).contains("nic").contains("vm 7").contains("open");
    assertThat(run("drivers", 0)).contains("RUNNING");
    assertThat(run("devices", 0, "--json"))
        .contains("\"name\": \"nic\"")
        .contains("\"source\": \"0x20\"");
    assertThat(run("swap", 0, "dmar0", "dmar0", "--json")).contains("\"performed\": true");
    assertThat(run("swap", 2)).isEmpty();
    assertThat(run("devices", 2, "what")).isEmpty();
    assertThat(service(SwapService.class).quarantined()).isEmpty();
    start.stop();
  }

  private String run(String name, int status, String... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CommandContext context =
        new CommandContext() {
          @Override
          public PrintStream out() {
            return new PrintStream(out, true, StandardCharsets.UTF_8);
          }

          @Override
          public PrintStream err() {
            return new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
          }

          @Override
          public Path folder() {
            return Path.of(".");
          }

          @Override
          public boolean interactive() {
            return false;
          }
        };
    var command =
        framework.all(org.ioasis.api.command.Command.class).stream()
            .filter(c -> name.equals(framework.property(c, "ioasis.command.name")))
            .findFirst()
            .orElseThrow();
    assertThat(command.run(context, List.of(words))).as(name).isEqualTo(status);
    return out.toString(StandardCharsets.UTF_8);
  }
}
