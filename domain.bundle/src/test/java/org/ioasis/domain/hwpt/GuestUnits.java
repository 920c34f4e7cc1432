package org.ioasis.domain.hwpt;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.driver.DriverEnvironment;
import org.ioasis.api.driver.DriverFactory;
import org.ioasis.api.driver.DriverVirtualIommu;
import org.ioasis.api.driver.IommuDriver;
import org.ioasis.api.driver.NestedDomain;
import org.ioasis.api.driver.VirtualEventSink;
import org.ioasis.api.driver.VirtualIommuSupport;
import org.ioasis.api.machine.Mmio;

/**
 * A real driver that offers virtual IOMMUs besides: one type, one type of events, and records of
 * eight bytes that name a guest's device id.
 */
final class GuestUnits implements DriverFactory {
  static final String TYPE = "test.viommu", EVENTS = "test.events", RECORDS = "test.invalidate";

  private final DriverFactory real;

  /** Where events of the guest go, by type. */
  final Map<String, VirtualEventSink> sinks = new HashMap<>();

  /** Ids that a guest has invalidated. */
  final List<Long> invalidated = new ArrayList<>();

  /** How many there are. */
  int living;

  GuestUnits(DriverFactory real) {
    this.real = real;
  }

  @Override
  public String kind() {
    return real.kind();
  }

  @Override
  public IommuDriver create(DriverEnvironment environment, Map<String, Long> parameters) {
    IommuDriver driver = real.create(environment, parameters);
    return (IommuDriver)
        Proxy.newProxyInstance(
            GuestUnits.class.getClassLoader(),
            new Class<?>[] {IommuDriver.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("capability")
                  && arguments[0] == VirtualIommuSupport.class) {
                return Optional.of(new Support(driver));
              }
              try {
                return method.invoke(driver, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static IoasisException refused(Reason reason, String why) {
    return new IoasisException(reason, "test driver: " + why);
  }

  private final class Support implements VirtualIommuSupport {
    private final IommuDriver driver;

    Support(IommuDriver driver) {
      this.driver = driver;
    }

    @Override
    public List<String> types() {
      return List.of(TYPE);
    }

    @Override
    public DriverVirtualIommu create(DriverDomain parent, Blob data) {
      if (!data.type().equals(TYPE)) {
        throw refused(Reason.UNSUPPORTED, data.type());
      }
      living++;
      return new Slice(driver, parent);
    }
  }

  private final class Slice implements DriverVirtualIommu, NestedDomain {
    private final IommuDriver driver;
    private final DriverDomain parent;
    private final Map<Long, DriverDevice> devices = new HashMap<>();

    Slice(IommuDriver driver, DriverDomain parent) {
      this.driver = driver;
      this.parent = parent;
    }

    @Override
    public Blob data() {
      return new Blob(TYPE, ByteBuffer.allocate(4));
    }

    @Override
    public Optional<Mmio> window() {
      return Optional.empty();
    }

    @Override
    public DriverDomain createNested(Blob data, Set<DomainFlag> flags) {
      return driver.createDomain(DomainSpec.nested(parent, data, flags));
    }

    @Override
    public VirtualDeviceLease addDevice(DriverDevice device, long virtualId) {
      devices.put(virtualId, device);
      return new VirtualDeviceLease() {
        @Override
        public long virtualId() {
          return virtualId;
        }

        @Override
        public void close() {
          devices.remove(virtualId);
        }
      };
    }

    @Override
    public NestedDomain invalidations() {
      return this;
    }

    @Override
    public List<String> types() {
      return List.of(RECORDS);
    }

    @Override
    public BatchResult invalidate(Blob records, int recordBytes) {
      ByteBuffer bytes = records.bytes().order(ByteOrder.LITTLE_ENDIAN);
      for (int done = 0; bytes.hasRemaining(); done++) {
        long id = bytes.getLong();
        if (!devices.containsKey(id)) {
          return new BatchResult(done, Reason.NOT_FOUND, "no device 0x%x".formatted(id), id);
        }
        invalidated.add(id);
      }
      return BatchResult.all(records.length() / recordBytes);
    }

    @Override
    public AutoCloseable events(String type, VirtualEventSink sink) {
      if (!type.equals(EVENTS)) {
        throw refused(Reason.UNSUPPORTED, type);
      }
      sinks.put(type, sink);
      return () -> sinks.remove(type);
    }

    @Override
    public AutoCloseable hardwareQueue(String type, int index, long address, long length) {
      throw refused(Reason.UNSUPPORTED, type);
    }

    @Override
    public void close() {
      living--;
    }
  }
}
