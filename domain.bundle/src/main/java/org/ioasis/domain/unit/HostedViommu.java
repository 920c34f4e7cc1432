package org.ioasis.domain.unit;

import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DriverVirtualIommu;
import org.ioasis.api.driver.NestedDomain;
import org.ioasis.api.driver.VirtualEventSink;
import org.ioasis.api.driver.VirtualIommuSupport;
import org.ioasis.api.machine.Mmio;

/**
 * A driver's virtual IOMMU as the rest of the bundle holds it. A hand-over to another driver does
 * not carry it: it ends with the driver that made it.
 *
 * <p><b>Threading:</b> any thread, outside bursts.
 */
public final class HostedViommu {
  private final UnitHost host;
  private final Object madeBy;
  private final DriverVirtualIommu target;

  private HostedViommu(UnitHost host, Object madeBy, DriverVirtualIommu target) {
    this.host = host;
    this.madeBy = madeBy;
    this.target = target;
  }

  /**
   * Makes one.
   *
   * @throws IoasisException UNSUPPORTED if unit or driver has none of this type
   */
  public static HostedViommu create(UnitHost host, HostedDomain parent, Blob data) {
    return host.call(
        "virtual IOMMU",
        driver -> {
          VirtualIommuSupport support =
              driver
                  .capability(VirtualIommuSupport.class)
                  .orElseThrow(
                      () ->
                          new IoasisException(
                              Reason.UNSUPPORTED,
                              "virtual IOMMU of type %s refused: the driver of unit %s has none"
                                  .formatted(data.type(), host.unitId())));
          parent.checkEpoch("virtual IOMMU");
          return new HostedViommu(host, driver, support.create(parent.target(), data));
        });
  }

  private <T> T call(String what, Function<DriverVirtualIommu, T> body) {
    return host.call(
        what,
        driver -> {
          if (driver != madeBy) {
            throw new IoasisException(
                Reason.GONE,
                "%s refused: the virtual IOMMU went with an earlier driver of unit %s; make it anew"
                    .formatted(what, host.unitId()));
          }
          return body.apply(target);
        });
  }

  /** The unit. */
  public UnitHost host() {
    return host;
  }

  /** See {@link DriverVirtualIommu#data}. */
  public Blob data() {
    return call("data", DriverVirtualIommu::data);
  }

  /** See {@link DriverVirtualIommu#window}. */
  public Optional<Mmio> window() {
    return call("window", DriverVirtualIommu::window);
  }

  /** See {@link DriverVirtualIommu#createNested}. */
  public HostedDomain createNested(Blob data, Set<DomainFlag> flags) {
    return call("nested domain", viommu -> host.admit(viommu.createNested(data, flags)));
  }

  /** See {@link DriverVirtualIommu#addDevice}; closing the result forgets it. */
  public AutoCloseable addDevice(HostedDevice device, long virtualId) {
    return contained(
        call("virtual device", viommu -> viommu.addDevice(device.target(), virtualId)));
  }

  /** See {@link DriverVirtualIommu#invalidations}. */
  public BatchResult invalidate(Blob records, int recordBytes) {
    return call("invalidation", viommu -> viommu.invalidations().invalidate(records, recordBytes));
  }

  /** Types of {@link #invalidate}. */
  public java.util.List<String> invalidationTypes() {
    return call("invalidation", viommu -> invalidations(viommu).types());
  }

  private static NestedDomain invalidations(DriverVirtualIommu viommu) {
    return viommu.invalidations();
  }

  /** See {@link DriverVirtualIommu#events}. */
  public AutoCloseable events(String type, VirtualEventSink sink) {
    return contained(call("events", viommu -> viommu.events(type, sink)));
  }

  /** See {@link DriverVirtualIommu#hardwareQueue}. */
  public AutoCloseable hardwareQueue(String type, int index, long address, long length) {
    return contained(
        call("hardware queue", viommu -> viommu.hardwareQueue(type, index, address, length)));
  }

  /** The same, closed through the host, and quietly not at all if its driver has gone. */
  private AutoCloseable contained(AutoCloseable lease) {
    return () -> {
      if (host.isServing()) {
        host.call(
            "close",
            driver -> {
              if (driver == madeBy) {
                close(lease);
              }
              return null;
            });
      }
    };
  }

  private static void close(AutoCloseable lease) {
    try {
      lease.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Ends it; does nothing if its driver has gone. */
  public void close() throws Exception {
    contained(target).close();
  }
}
