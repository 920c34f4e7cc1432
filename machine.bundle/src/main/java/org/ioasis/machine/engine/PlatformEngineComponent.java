package org.ioasis.machine.engine;

import java.util.Hashtable;
import java.util.Map;
import org.ioasis.api.engine.DmaEngine;
import org.ioasis.api.engine.EngineSpec;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.PlatformMachine;
import org.osgi.annotation.bundle.Capability;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * One engine of the platform's machine for each configuration {@code
 * org.ioasis.machine.engine~NAME}.
 *
 * <p><b>Threading:</b> life cycle by the component runtime.
 */
@Component(
    service = {},
    immediate = true,
    configurationPid = PlatformEngineComponent.PID,
    configurationPolicy = ConfigurationPolicy.REQUIRE)
@Capability(
    namespace = "osgi.service",
    attribute = "objectClass:List<String>=\"org.ioasis.api.engine.DmaEngine\"",
    uses = DmaEngine.class,
    effective = "active")
@Designate(ocd = PlatformEngineComponent.Config.class, factory = true)
public final class PlatformEngineComponent {
  /** Factory configuration of an engine. */
  public static final String PID = "org.ioasis.machine.engine";

  /** What the engine is. */
  @ObjectClassDefinition(
      name = "Ioasis DMA engine",
      description = "A modelled device on the platform's fabric.")
  @interface Config {
    /** Name of the device, for people. */
    @AttributeDefinition(description = "Name of the device, for people")
    String device_name();

    /** Requester id or StreamID, for example {@code 0x20}. */
    @AttributeDefinition(description = "Requester id or StreamID, for example 0x20")
    String source_id();

    /** Whether translated requests pass unchecked. */
    @AttributeDefinition(description = "Whether translated requests pass unchecked")
    boolean trusted() default false;

    /** Whether it has a device TLB. */
    @AttributeDefinition(description = "Whether it has a device TLB")
    boolean ats() default false;

    /** Whether it sends page requests. */
    @AttributeDefinition(description = "Whether it sends page requests")
    boolean pri() default false;

    /** Whether it can wait for stalled transactions. */
    @AttributeDefinition(description = "Whether it can wait for stalled transactions")
    boolean stall() default false;

    /** Width of its PASIDs, 0 to 20 bits. */
    @AttributeDefinition(description = "Width of its PASIDs in bits", min = "0", max = "20")
    int pasid_bits() default 0;

    /** How long an access waits at a closed port, in milliseconds. */
    @AttributeDefinition(description = "How long an access waits at a closed port, milliseconds")
    long blocked_wait_millis() default 1000;

    /** How long it waits for an answer to a page request or a stall, in milliseconds. */
    @AttributeDefinition(description = "How long it waits for a page or a stall, milliseconds")
    long answer_wait_millis() default 1000;
  }

  private static final long NANOS_PER_MILLI = 1_000_000;

  private final DmaEngine engine;
  private final ServiceRegistration<DmaEngine> registration;

  /**
   * Joins the engine and registers it.
   *
   * @throws org.ioasis.api.IoasisException EXISTS if the name or source id is taken
   */
  @SuppressWarnings("JdkObsolete") // the framework asks for a Dictionary
  @Activate
  public PlatformEngineComponent(
      BundleContext context, Config config, @Reference PlatformMachine platform) {
    engine = new ModelledEngine(platform.machine(), spec(config));
    registration =
        context.registerService(
            DmaEngine.class, engine, new Hashtable<>(Map.of(DmaEngine.NAME, config.device_name())));
  }

  static EngineSpec spec(Config config) {
    EndpointSpec endpoint =
        new EndpointSpec(
            config.device_name(),
            sourceId(config.source_id()),
            config.trusted(),
            config.ats(),
            config.pri(),
            config.stall(),
            config.pasid_bits());
    return EngineSpec.of(endpoint)
        .blockedWait(config.blocked_wait_millis() * NANOS_PER_MILLI)
        .answerWait(config.answer_wait_millis() * NANOS_PER_MILLI);
  }

  private static int sourceId(String text) {
    try {
      return Integer.decode(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          PID + " source.id: " + text + " is no number; write for example 0x20", e);
    }
  }

  /** Takes the service back, then leaves the fabric. */
  @Deactivate
  public void deactivate() {
    registration.unregister();
    engine.close();
  }
}
