package org.ioasis.api.device;

import java.util.List;
import org.ioasis.api.Handle;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The devices of one user, a virtual machine for example.
 *
 * <p><b>Threading:</b> any thread.
 */
@ProviderType
public interface Tenant {
  /** The right to it. */
  Handle<Tenant> handle();

  /** What it was made of. */
  TenantSpec spec();

  /** Its devices, by name. */
  List<String> devices();

  /** Whether every request of every device is coherent, derived from the devices. */
  boolean coherent();

  /** The differences between what was declared and what is, a sentence each. */
  List<String> warnings();

  /**
   * Ends it.
   *
   * @throws org.ioasis.api.IoasisException BUSY while it has devices
   */
  void destroy();
}
