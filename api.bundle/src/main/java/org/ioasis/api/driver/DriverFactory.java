package org.ioasis.api.driver;

import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Makes drivers for units of one kind. Registered as a service with the property {@value #KIND};
 * has a life of its own beside the hardware factory of the same kind.
 *
 * <p><b>Threading:</b> any thread.
 */
@ProviderType
public interface DriverFactory {
  /** Service property: the kind of unit, for example {@code vtd}. */
  String KIND = "ioasis.kind";

  /** The kind of unit its drivers program. */
  String kind();

  /**
   * Makes a driver in state {@link DriverState#NEW}. Reads identification registers and writes
   * nothing.
   *
   * @param environment all the driver ever gets
   * @param parameters what no register states, for example {@code queue.lg2}; empty for defaults
   * @throws org.ioasis.api.IoasisException UNSUPPORTED if the identification registers are of
   *     another kind or lack what the driver cannot do without, naming the bit; INVALID for an
   *     unknown parameter
   */
  IommuDriver create(DriverEnvironment environment, Map<String, Long> parameters);
}
