package org.ioasis.api.machine;

import org.osgi.annotation.versioning.ProviderType;

/**
 * The way to the one machine the platform runs. Memory and registers are trust, so the service is
 * bundle-scoped and yields the machine only to the bundles that the configuration trusts; to any
 * other {@link #machine()} throws DENIED.
 *
 * <p><b>Threading:</b> any thread.
 */
@ProviderType
public interface PlatformMachine {
  /**
   * The platform's machine.
   *
   * @throws org.ioasis.api.IoasisException DENIED if the asking bundle is not trusted; the message
   *     names the property that would trust it
   */
  Machine machine();
}
