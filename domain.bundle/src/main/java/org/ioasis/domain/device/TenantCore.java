package org.ioasis.domain.device;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import org.ioasis.api.Handle;
import org.ioasis.api.device.Tenant;
import org.ioasis.api.device.TenantSpec;
import org.ioasis.domain.client.Kept;
import org.ioasis.domain.client.Objects;

/**
 * The devices of one user.
 *
 * <p><b>Threading:</b> any thread; {@code leases} and {@code told} belong to whoever has the
 * tenant's {@link Turn}.
 */
final class TenantCore implements Tenant, Kept {
  private final Objects objects;
  private final Handle<Tenant> handle;
  private final TenantSpec spec;
  private final Turn turn = new Turn();
  private final Set<DeviceCore> members = new CopyOnWriteArraySet<>();
  final List<AutoCloseable> leases = new ArrayList<>();
  boolean first;
  boolean told;

  TenantCore(Objects objects, Handle<Tenant> handle, TenantSpec spec) {
    this.objects = objects;
    this.handle = handle;
    this.spec = spec;
  }

  Turn turn() {
    return turn;
  }

  Set<DeviceCore> members() {
    return members;
  }

  @Override
  public Handle<Tenant> handle() {
    return handle;
  }

  @Override
  public TenantSpec spec() {
    return spec;
  }

  @Override
  public String title() {
    return "tenant %d (%s)".formatted(handle.id(), spec.name());
  }

  @Override
  public List<String> devices() {
    return members.stream().map(DeviceCore::name).toList();
  }

  @Override
  public boolean coherent() {
    return members.stream().allMatch(device -> device.coherence().coherent());
  }

  @Override
  public List<String> warnings() {
    boolean derived = coherent();
    return spec.declaredCoherent()
        .filter(declared -> declared != derived)
        .map(
            declared ->
                List.of(
                    "%s is declared %s, but %s"
                        .formatted(
                            title(),
                            declared ? "coherent" : "not coherent",
                            derived
                                ? "every request of its devices is coherent"
                                : "these devices can skip snooping: " + notCoherent())))
        .orElse(List.of());
  }

  private List<String> notCoherent() {
    return members.stream()
        .filter(device -> !device.coherence().coherent())
        .map(DeviceCore::name)
        .toList();
  }

  @Override
  public Object leave() {
    return new Object[] {spec.name(), spec.declaredCoherent()};
  }

  @Override
  public void destroy() {
    objects.destroy(handle);
  }

  @Override
  public void end() {
    // its devices use it, so there is none left
  }
}
