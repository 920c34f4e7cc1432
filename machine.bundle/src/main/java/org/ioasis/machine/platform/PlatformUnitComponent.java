package org.ioasis.machine.platform;

import java.util.Hashtable;
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.api.hardware.UnitService;
import org.ioasis.api.machine.PlatformMachine;
import org.osgi.annotation.bundle.Capability;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * Keeps one unit of the platform's machine, for each configuration {@code
 * org.ioasis.machine.unit~NAME}.
 *
 * <p><b>Threading:</b> life cycle and references by the component runtime; {@link PlatformUnit}
 * serialises them.
 */
@Component(
    service = {},
    immediate = true,
    configurationPid = PlatformUnitComponent.PID,
    configurationPolicy = ConfigurationPolicy.REQUIRE)
@Capability(
    namespace = "osgi.service",
    attribute = "objectClass:List<String>=\"org.ioasis.api.hardware.UnitService\"",
    uses = UnitService.class,
    effective = "active")
@Designate(ocd = PlatformUnitComponent.Config.class, factory = true)
public final class PlatformUnitComponent {
  /** Factory configuration of a unit. */
  public static final String PID = "org.ioasis.machine.unit";

  /** Which unit. */
  @ObjectClassDefinition(
      name = "Ioasis unit",
      description = "A unit of the platform's machine; it lives while a factory of its kind does.")
  @interface Config {
    /** Identity in the machine, for example {@code dmar0}. */
    @AttributeDefinition(description = "Identity in the machine, for example dmar0")
    String unit_id();

    /** Kind of the hardware factory, for example {@code vtd}. */
    @AttributeDefinition(description = "Kind of the hardware factory, for example vtd")
    String kind();

    /** Name of a profile of that factory; empty for its default. */
    @AttributeDefinition(description = "Name of a profile of that factory; empty for its default")
    String profile() default "";
  }

  private final PlatformUnit unit;

  /** Makes a place for the unit; it comes to life with its factory. */
  @Activate
  public PlatformUnitComponent(
      BundleContext context, Config config, @Reference PlatformMachine platform) {
    unit =
        new PlatformUnit(
            platform.machine(),
            config.unit_id(),
            config.kind(),
            config.profile(),
            (service, properties) -> {
              ServiceRegistration<UnitService> registration =
                  context.registerService(UnitService.class, service, new Hashtable<>(properties));
              return registration::unregister;
            });
  }

  /** A factory came; one of another kind is passed over. */
  @Reference(
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  public void addFactory(HardwareFactory factory) {
    unit.add(factory);
  }

  /** A factory goes. */
  public void removeFactory(HardwareFactory factory) {
    unit.remove(factory);
  }

  /** The configuration or the machine goes. */
  @Deactivate
  public void deactivate() {
    unit.close();
  }
}
