package org.ioasis.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.annotation.Annotation;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.Access;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.AddressSpaceSpec;
import org.ioasis.api.domain.IoasService;
import org.ioasis.api.domain.MapRequest;
import org.ioasis.api.domain.Mapping;
import org.ioasis.api.domain.MemorySource;
import org.ioasis.api.domain.MemorySpec;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.machine.PlatformMachine;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.machine.DefaultMachineFactory;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceRegistration;

class DomainStartTest {
  private final FakeFramework framework = new FakeFramework();
  private final Bundle own = framework.bundle(5, "org.ioasis.domain");
  private final Bundle client = framework.bundle(20, "client");
  private final Machine machine =
      new DefaultMachineFactory()
          .create(MachineSpec.isolated("m", 48, List.of(MemoryRegion.ram(0, 1L << 28))));

  @AfterEach
  void close() {
    machine.close();
  }

  @SuppressWarnings("BadAnnotationImplementation") // never compared
  static final class Config implements DomainStart.Config {
    @Override
    public long mappingLimit() {
      return 1000;
    }

    @Override
    public boolean recordStacks() {
      return true;
    }

    @Override
    public String[] routes() {
      return new String[0];
    }

    @Override
    public String[] groups() {
      return new String[0];
    }

    @Override
    public String[] aliases() {
      return new String[0];
    }

    @Override
    public String[] notSnooping() {
      return new String[0];
    }

    @Override
    public String[] driverParameters() {
      return new String[0];
    }

    @Override
    public boolean recoverable() {
      return false;
    }

    @Override
    public long waitMillis() {
      return 0;
    }

    @Override
    public Class<? extends Annotation> annotationType() {
      return DomainStart.Config.class;
    }
  }

  private DomainStart start() {
    DomainStart start = new DomainStart(own.getBundleContext(), new Config());
    start.setMachine(() -> machine);
    start.start();
    return start;
  }

  private IoasService service(Bundle bundle) {
    return framework.service(bundle, IoasService.class);
  }

  @Test
  @Requirement({1, 75})
  void anUpdateOrphansNobody() {
    final DomainStart first = start();
    IoasService before = service(client);
    MemorySource memory = before.createSource("m", new MemorySpec.Anonymous(1 << 20, true));
    AddressSpace space = before.createSpace(AddressSpaceSpec.named("s"));
    space.map(MapRequest.of(memory.handle(), 0, 1 << 16, 3).at(0x10000));
    space.map(MapRequest.of(memory.handle(), 1 << 16, 4096, 1).at(0x40000));
    space.allow(List.of(IovaRange.of(0x10000, 1 << 24)));
    List<IovaRange> told = new ArrayList<>();
    Access access = space.access("reader", true, told::addAll);
    access.write(0x11000, ByteBuffer.wrap(new byte[] {1, 2, 3, 4}));
    AddressSpace gone = before.createSpace(AddressSpaceSpec.named("gone"));
    Handle<AddressSpace> dead = gone.handle();
    gone.destroy();
    MemorySource unheld = before.createSource("unheld", new MemorySpec.Anonymous(4096, false));
    space.map(MapRequest.of(unheld.handle(), 0, 4096, 3).at(0x50000));
    access.write(0x50000, ByteBuffer.wrap(new byte[] {9}));
    unheld.destroy();

    first.stop();
    assertThatThrownBy(space::mappingCount)
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.GONE));
    assertThat(service(client)).isNull();

    final DomainStart second = start();
    IoasService after = service(client);
    AddressSpace again = after.space(space.handle());
    List<Mapping> mappings = new ArrayList<>();
    again.mappings(IovaRange.ALL, mappings::add);
    assertThat(mappings)
        .containsExactly(
            new Mapping(IovaRange.of(0x10000, 1 << 16), memory.handle(), 0, 3),
            new Mapping(IovaRange.of(0x40000, 4096), memory.handle(), 1 << 16, 1),
            new Mapping(IovaRange.of(0x50000, 4096), unheld.handle(), 0, 3));
    assertThatThrownBy(() -> after.source(unheld.handle())).hasMessageContaining("destroyed");
    ByteBuffer one = ByteBuffer.allocate(1);
    after.access(access.handle()).read(0x50000, one);
    assertThat(one.get(0)).isEqualTo((byte) 9);
    ByteBuffer back = ByteBuffer.allocate(4);
    after.access(access.handle()).read(0x11000, back);
    assertThat(back.array()).containsExactly(1, 2, 3, 4);
    assertThatThrownBy(() -> after.space(dead)).hasMessageContaining("destroyed");
    assertThatThrownBy(again::destroy)
        .hasMessageContaining("access")
        .hasMessageContaining("reader");
    again.unmap(IovaRange.of(0x40000, 4096), org.ioasis.api.domain.UnmapMode.WHOLE);
    assertThat(told).containsExactly(IovaRange.of(0x40000, 4096));
    after.access(access.handle()).close();
    again.destroy();
    after.source(memory.handle()).destroy();
    assertThat(after.createSpace(AddressSpaceSpec.named("new")).handle().id()).isEqualTo(1);
    second.stop();
  }

  @Test
  @Requirement(42)
  void aClientThatGoesWhileNobodyServesIsCleanedUpAfter() {
    final DomainStart first = start();
    AddressSpace space = service(client).createSpace(AddressSpaceSpec.named("left"));
    first.stop();
    framework.stop(client);
    final DomainStart second = start();
    IoasService other = service(framework.bundle(21, "other"));
    assertThatThrownBy(() -> other.space(space.handle())).hasMessageContaining("destroyed");
    assertThat(other.leaks())
        .singleElement()
        .satisfies(
            leak -> {
              assertThat(leak.what()).isEqualTo("ioas 1 (left)");
              assertThat(leak.bundle()).isEqualTo("client");
              assertThat(leak.where()).anyMatch(line -> line.contains("DomainStartTest"));
            });
    second.stop();
  }

  @Test
  void withoutAMachineSpacesLiveAndMemoryIsGone() {
    DomainStart start = new DomainStart(own.getBundleContext(), new Config());
    start.start();
    IoasService service = service(client);
    AddressSpace space = service.createSpace(AddressSpaceSpec.named("s"));
    assertThat(space.limits().usable()).containsExactly(IovaRange.ALL);
    assertThatThrownBy(() -> service.createSource("m", new MemorySpec.Anonymous(4096, false)))
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.GONE));
    PlatformMachine platform = () -> machine;
    start.setMachine(platform);
    MemorySource memory = service.createSource("m", new MemorySpec.Anonymous(4096, false));
    space.map(MapRequest.of(memory.handle(), 0, 4096, 3).at(0x1000));
    start.unsetMachine(platform);
    Access access = space.access("a", true, ranges -> {});
    assertThatThrownBy(() -> access.read(0x1000, ByteBuffer.allocate(8)))
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.GONE));
    start.stop();
  }

  @Test
  @Requirement(35)
  void onlyABundleThatTheMachineTrustsNamesPhysicalMemory() {
    final DomainStart start = start();
    Bundle trusted = framework.bundle(22, "trusted");
    framework.register(
        PlatformMachine.class,
        new ServiceFactory<PlatformMachine>() {
          @Override
          public PlatformMachine getService(
              Bundle bundle, ServiceRegistration<PlatformMachine> registration) {
            return () -> {
              if (bundle.getBundleId() != 22) {
                throw new IoasisException(Reason.DENIED, "not trusted");
              }
              return machine;
            };
          }

          @Override
          public void ungetService(
              Bundle bundle,
              ServiceRegistration<PlatformMachine> registration,
              PlatformMachine service) {}
        },
        null);
    MemorySpec region = new MemorySpec.Region(0x10000, 4096);
    assertThat(service(trusted).createSource("r", region).length()).isEqualTo(4096);
    assertThatThrownBy(() -> service(client).createSource("r", region))
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DENIED));
    start.stop();
  }
}
