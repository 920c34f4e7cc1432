package org.ioasis.domain.unit;

import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.AttachOutcome;
import org.ioasis.api.driver.ChangeMode;
import org.ioasis.api.driver.DeviceFacts;
import org.ioasis.api.driver.DriverAttachment;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.ReservedRegion;
import org.ioasis.api.driver.SyncResult;

/**
 * A device behind one unit as the rest of the bundle holds it: the driver may be exchanged.
 *
 * <p><b>Threading:</b> any thread, outside bursts; {@code target} is written while nobody is inside
 * the host.
 */
public final class HostedDevice {
  private final UnitHost host;
  private final long epoch;
  private final DeviceFacts facts;
  private volatile DriverDevice target;

  HostedDevice(UnitHost host, long epoch, DeviceFacts facts, DriverDevice target) {
    this.host = host;
    this.epoch = epoch;
    this.facts = facts;
    this.target = target;
  }

  /** The unit. */
  public UnitHost host() {
    return host;
  }

  /** What it was made known with. */
  public DeviceFacts facts() {
    return facts;
  }

  /** Whether the unit still knows it. */
  public boolean isAlive() {
    return epoch == host.epoch() && host.isTranslating();
  }

  void succeed(DriverDevice successor) {
    target = successor;
  }

  /** The driver's own object, for its other capabilities; valid inside one call of the host. */
  DriverDevice target() {
    return target;
  }

  private <T> T call(String what, Function<DriverDevice, T> body) {
    return host.call(
        what,
        driver -> {
          if (epoch != host.epoch()) {
            throw new IoasisException(
                Reason.GONE,
                "%s refused: device 0x%x went with an earlier driver of unit %s"
                    .formatted(what, facts.sourceId(), host.unitId()));
          }
          return body.apply(target);
        });
  }

  /** See {@link DriverDevice#reservedRegions}. */
  public List<ReservedRegion> reservedRegions() {
    return call("reserved regions", DriverDevice::reservedRegions);
  }

  /** See {@link DriverDevice#attach}. */
  public AttachOutcome attach(int pasid, HostedDomain domain) {
    return call(
        "attach",
        device -> {
          domain.checkEpoch("attach");
          return device.attach(pasid, domain.target());
        });
  }

  /** See {@link DriverDevice#replace}. */
  public AttachOutcome replace(int pasid, HostedDomain old, HostedDomain domain, ChangeMode mode) {
    return call(
        "replace",
        device -> {
          domain.checkEpoch("replace");
          return device.replace(pasid, old.target(), domain.target(), mode);
        });
  }

  /** See {@link DriverDevice#detach}. */
  public SyncResult detach(int pasid, HostedDomain old) {
    return call("detach", device -> device.detach(pasid, old.target()));
  }

  /**
   * Empties every place whose domain is not the expected one: what was to be detached while no
   * driver was there.
   *
   * @param expected the domain that belongs at a PASID; null for none
   */
  public void reconcile(IntFunction<HostedDomain> expected) {
    call(
        "reconcile",
        device -> {
          for (DriverAttachment there : List.copyOf(device.attachments())) {
            HostedDomain wanted = expected.apply(there.pasid());
            if (wanted == null || wanted.target() != there.domain()) {
              device.detach(there.pasid(), there.domain());
            }
          }
          return null;
        });
  }

  /** See {@link DriverDevice#close}; does nothing if it went with its driver. */
  public void close() {
    if (epoch != host.epoch() || !host.isServing()) {
      return;
    }
    call(
        "close of device",
        device -> {
          device.close();
          host.forget(this);
          return null;
        });
  }
}
