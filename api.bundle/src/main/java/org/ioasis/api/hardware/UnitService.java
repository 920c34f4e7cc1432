package org.ioasis.api.hardware;

import java.util.Map;
import org.ioasis.api.explain.Explainer;
import org.ioasis.api.inspect.Inspector;
import org.ioasis.api.machine.Profile;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A unit of the platform's machine as everybody may see it: its identity and the looking glasses
 * that change nothing. Registered as a service with {@link HardwareFactory#KIND} and {@value
 * #UNIT_ID}; units of private machines never are. Registers and memory are not here: they are
 * trust.
 *
 * <p><b>Threading:</b> any thread.
 */
@ProviderType
public interface UnitService {
  /** Service property: identity of the unit. */
  String UNIT_ID = "ioasis.unit.id";

  /** Identity in the platform's machine. */
  String unitId();

  /** The kind of its factory. */
  String kind();

  /** What it was made after. */
  Profile profile();

  /** Devices, domains, mappings. */
  Inspector inspector();

  /** Why a DMA went where it went. */
  Explainer explainer();

  /** See {@link HardwareUnit#counters()}. */
  Map<String, Long> counters();
}
