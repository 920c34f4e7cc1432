package org.ioasis.api.device;

import java.util.List;
import java.util.Optional;
import org.ioasis.api.Handle;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The devices of the platform. Bundle-scoped: what a bundle bound is let go when it goes.
 *
 * <p><b>Threading:</b> any thread, outside bursts.
 */
@ProviderType
public interface DeviceService {
  /** All devices, in order of source id. */
  List<DeviceView> devices();

  /**
   * Makes the caller the owner of a device and of its whole group.
   *
   * @throws org.ioasis.api.IoasisException NOT_FOUND for an unknown name; BUSY if somebody else
   *     owns the device or one of its group, naming him
   */
  Device bind(String name, Binding binding);

  /**
   * The living device behind a handle, whichever instance of the service bound it.
   *
   * @throws org.ioasis.api.IoasisException NOT_FOUND if the binding has ended; GONE while the
   *     device is away
   */
  Device device(Handle<Device> handle);

  /** What is attached at a place. */
  Optional<Attachment> attachment(RoutingKey key);

  /**
   * Lets a device join another one's space. The caller owns both.
   *
   * @throws org.ioasis.api.IoasisException EXISTS if the policy refuses, naming the mappings;
   *     otherwise as {@link Device#replace}. Nothing has changed then
   */
  ShareReport share(ShareRequest request);

  /** What {@link #share} would do, and what would be lost; refusals are in the report. */
  ShareReport shareDryRun(ShareRequest request);

  /** Makes a tenant. */
  Tenant createTenant(TenantSpec spec);

  /** The living tenant behind a handle; the refusal of {@link #device}. */
  Tenant tenant(Handle<Tenant> handle);
}
