package org.ioasis.amdvi.driver;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.ioasis.amdvi.format.RegisterMap;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DriverEnvironment;
import org.ioasis.api.driver.DriverFactory;
import org.ioasis.api.driver.IommuDriver;
import org.osgi.service.component.annotations.Component;

/**
 * Makes AMD-Vi drivers. The component of the driver room; it has no state.
 *
 * <p>Parameters, of what the unit&#39;s PCI capability says and no register does: {@code iotlb}, 0
 * without IotlbSup; {@code npcache}, 1 with NpCache. And {@code timeout.millis}, how long the unit
 * may take to acknowledge anything, by default 1000.
 */
@Component(
    service = DriverFactory.class,
    property = DriverFactory.KIND + "=" + AmdViDriverFactory.AMDVI)
public final class AmdViDriverFactory implements DriverFactory {
  /** The kind. */
  static final String AMDVI = "amdvi";

  /** Parameter: whether devices may hold translations. */
  static final String IOTLB = "iotlb";

  /** Parameter: whether refusals may be cached. */
  static final String NPCACHE = "npcache";

  /** Parameter: milliseconds that the unit may take to acknowledge anything. */
  static final String TIMEOUT = "timeout.millis";

  private static final Set<String> PARAMETERS = Set.of(IOTLB, NPCACHE, TIMEOUT);
  private static final long DEFAULT_TIMEOUT = 1000;
  private static final int LARGEST_ADDRESS = 52;

  @Override
  public String kind() {
    return AMDVI;
  }

  @Override
  public IommuDriver create(DriverEnvironment environment, Map<String, Long> parameters) {
    Set<String> unknown = new TreeSet<>(parameters.keySet());
    unknown.removeAll(PARAMETERS);
    if (!unknown.isEmpty()) {
      throw refuse(
          environment,
          Reason.INVALID,
          "parameters %s are not known; there are %s",
          unknown,
          new TreeSet<>(PARAMETERS));
    }
    long timeout = parameters.getOrDefault(TIMEOUT, DEFAULT_TIMEOUT);
    if (timeout < 1) {
      throw refuse(environment, Reason.INVALID, "timeout.millis %d is not 1 or more", timeout);
    }
    long efr = environment.mmio().read64(RegisterMap.EXT_FEATURES);
    long efr2 = environment.mmio().read64(RegisterMap.EXT_FEATURES_2);
    if (efr == -1) {
      throw refuse(environment, Reason.UNSUPPORTED, "nothing answers at its registers");
    }
    Claims claims =
        new Claims(
            efr,
            efr2,
            parameters.getOrDefault(IOTLB, 1L) != 0,
            parameters.getOrDefault(NPCACHE, 0L) != 0,
            Math.min(LARGEST_ADDRESS, environment.memory().addressBits()));
    if (claims.hostLevels() == 0 && !claims.guestTables()) {
      throw refuse(
          environment,
          Reason.UNSUPPORTED,
          "no tables to write: EFR.HATS=3, and GTSup, GIoSup or IASup 0 (EFR 0x%x)",
          efr);
    }
    return new AmdViDriver(new DriverCore(environment, claims, timeout * 1_000_000));
  }

  private static IoasisException refuse(
      DriverEnvironment environment, Reason reason, String why, Object... values) {
    return new IoasisException(
        reason,
        "driver for unit %s refused: ".formatted(environment.unitId()) + why.formatted(values));
  }
}
