package org.ioasis.machine.platform;

import java.util.List;
import java.util.Set;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.machine.PlatformMachine;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.machine.DefaultMachineFactory;
import org.osgi.annotation.bundle.Capability;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the platform's machine from its configuration, or with the defaults while there is none,
 * and registers the way to it: each bundle gets an answer of its own.
 *
 * <p><b>Threading:</b> life cycle by the component runtime; the service from any thread.
 */
@Component(
    service = {},
    immediate = true,
    configurationPid = PlatformComponent.PID)
@Capability(
    namespace = "osgi.service",
    attribute = "objectClass:List<String>=\"org.ioasis.api.machine.PlatformMachine\"",
    uses = PlatformMachine.class,
    effective = "active")
@Designate(ocd = PlatformComponent.Config.class)
public final class PlatformComponent {
  /** Configuration of the platform's machine. */
  public static final String PID = "org.ioasis.machine.platform";

  private static final Logger LOG = LoggerFactory.getLogger(PlatformComponent.class);

  /** What the machine is made of. */
  @ObjectClassDefinition(
      name = "Ioasis platform machine",
      description = "The one machine the platform runs. A change makes a new machine.")
  @interface Config {
    /** Name for messages and tools. */
    @AttributeDefinition(description = "Name for messages and tools")
    String name() default "platform";

    /** RAM regions, {@code BASE+SIZE} with suffixes K, M, G, T. */
    @AttributeDefinition(description = "RAM regions, BASE+SIZE with suffixes K, M, G, T")
    String[] ram() default {"0x0+1G"};

    /** Physical address width in bits, 32 to 56. */
    @AttributeDefinition(description = "Physical address width in bits", min = "32", max = "56")
    int address_bits() default 48;

    /** Who runs the models' work: INLINE, THREADED or STEPS. */
    @AttributeDefinition(
        description = "Who runs the models' work",
        options = {
          @Option(label = "in the thread that kicks", value = "INLINE"),
          @Option(label = "on threads of the machine", value = "THREADED"),
          @Option(label = "in seeded steps", value = "STEPS")
        })
    Scheduler.Mode scheduler() default Scheduler.Mode.INLINE;

    /** Whether time moves only when told. */
    @AttributeDefinition(description = "Whether time moves only when told")
    boolean virtual_time() default false;

    /** Seed of everything the machine draws. */
    @AttributeDefinition(description = "Seed of everything the machine draws")
    long seed() default 0;

    /** Interrupt window, {@code BASE+SIZE}. */
    @AttributeDefinition(description = "Interrupt window, BASE+SIZE")
    String interrupt_window() default "0xFEE00000+1M";

    /** Symbolic names of the bundles that may hold the machine. */
    @AttributeDefinition(description = "Symbolic names of the bundles that may hold the machine")
    String[] trusted_bundles() default {"org.ioasis.domain"};
  }

  private final Machine machine;
  private final ServiceRegistration<PlatformMachine> registration;

  /**
   * Makes the machine and registers the service.
   *
   * @throws org.ioasis.api.IoasisException INVALID if the configuration cannot be read
   */
  @Activate
  public PlatformComponent(BundleContext context, Config config) {
    machine = new DefaultMachineFactory().create(spec(config));
    String own = context.getBundle().getSymbolicName();
    TrustedMachines trusted =
        new TrustedMachines(machine, own, Set.copyOf(List.of(config.trusted_bundles())));
    registration = context.registerService(PlatformMachine.class, new PerBundle(trusted), null);
    LOG.info(
        "machine {}: RAM {}, {} address bits, {} work, {} time",
        config.name(),
        String.join(" ", config.ram()),
        config.address_bits(),
        config.scheduler(),
        config.virtual_time() ? "virtual" : "real");
  }

  static MachineSpec spec(Config config) {
    PlatformSettings.Range window =
        PlatformSettings.range(PID + " interrupt.window", config.interrupt_window());
    return new MachineSpec(
        config.name(),
        config.address_bits(),
        PlatformSettings.regions(PID + " ram", config.ram()),
        null,
        config.scheduler(),
        config.virtual_time(),
        config.seed(),
        window.base(),
        window.last());
  }

  /** One answer per asking bundle. */
  private record PerBundle(TrustedMachines machines) implements ServiceFactory<PlatformMachine> {
    @Override
    public PlatformMachine getService(Bundle bundle, ServiceRegistration<PlatformMachine> own) {
      return machines.forBundle(bundle.getSymbolicName());
    }

    @Override
    public void ungetService(
        Bundle bundle, ServiceRegistration<PlatformMachine> own, PlatformMachine service) {}
  }

  /** Takes the service back, then closes the machine. */
  @Deactivate
  public void deactivate() {
    registration.unregister();
    machine.close();
    LOG.info("machine {} is closed", machine.name());
  }
}
