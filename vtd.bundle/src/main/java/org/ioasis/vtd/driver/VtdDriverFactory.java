package org.ioasis.vtd.driver;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DriverEnvironment;
import org.ioasis.api.driver.DriverFactory;
import org.ioasis.api.driver.IommuDriver;
import org.ioasis.vtd.format.Ecap;
import org.ioasis.vtd.format.RegisterMap;
import org.osgi.service.component.annotations.Component;

/**
 * Makes VT-d drivers. The component of the driver room; it has no state.
 *
 * <p>Parameters: {@code haw}, the host address width in bits that no register reports, by default
 * the memory's; {@code legacy}, 1 to run a scalable-mode unit in legacy mode; {@code
 * timeout.millis}, how long the unit may take to acknowledge anything, by default 1000.
 */
@Component(
    service = DriverFactory.class,
    property = DriverFactory.KIND + "=" + VtdDriverFactory.VTD)
public final class VtdDriverFactory implements DriverFactory {
  /** The kind. */
  static final String VTD = "vtd";

  /** Parameter: host address width in bits, 32 to 52. */
  static final String HAW = "haw";

  /** Parameter: 1 to run a scalable-mode unit in legacy mode. */
  static final String LEGACY = "legacy";

  /** Parameter: milliseconds that the unit may take to acknowledge anything. */
  static final String TIMEOUT = "timeout.millis";

  private static final Set<String> PARAMETERS = Set.of(HAW, LEGACY, TIMEOUT);
  private static final long DEFAULT_TIMEOUT = 1000;
  private static final int LARGEST_HAW = 52;
  private static final int SMALLEST_HAW = 32;

  @Override
  public String kind() {
    return VTD;
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
    long haw =
        parameters.getOrDefault(
            HAW, (long) Math.min(LARGEST_HAW, environment.memory().addressBits()));
    if (timeout < 1 || haw < SMALLEST_HAW || haw > LARGEST_HAW) {
      throw refuse(
          environment,
          Reason.INVALID,
          "timeout.millis %d is not 1 or more, or haw %d not 32 to 52",
          timeout,
          haw);
    }
    long cap = environment.mmio().read64(RegisterMap.CAP);
    long ecap = environment.mmio().read64(RegisterMap.ECAP);
    if (cap == -1 || ecap == -1 || !Ecap.QI.isSet(ecap)) {
      throw refuse(
          environment,
          Reason.UNSUPPORTED,
          "no VT-d unit, or one without ECAP.QI (CAP 0x%x, ECAP 0x%x)",
          cap,
          ecap);
    }
    boolean scalable = Ecap.SMTS.isSet(ecap);
    boolean usesScalable = scalable && parameters.getOrDefault(LEGACY, 0L) == 0;
    Claims claims = new Claims(cap, ecap, usesScalable, (int) haw);
    if (!claims.firstStage() && !claims.secondStage()) {
      throw refuse(
          environment,
          Reason.UNSUPPORTED,
          "no tables to write: ECAP.FSTS=0, and ECAP.SSTS=0 or no 3- to 5-level bit in CAP.SAGAW"
              + " (CAP 0x%x, ECAP 0x%x)",
          cap,
          ecap);
    }
    return new VtdDriver(new DriverCore(environment, claims, scalable, timeout * 1_000_000));
  }

  private static IoasisException refuse(
      DriverEnvironment environment, Reason reason, String why, Object... values) {
    return new IoasisException(
        reason,
        "driver for unit %s refused: ".formatted(environment.unitId()) + why.formatted(values));
  }
}
