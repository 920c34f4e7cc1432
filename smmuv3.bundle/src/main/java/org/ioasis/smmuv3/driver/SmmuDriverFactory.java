package org.ioasis.smmuv3.driver;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DriverEnvironment;
import org.ioasis.api.driver.DriverFactory;
import org.ioasis.api.driver.IommuDriver;
import org.ioasis.smmuv3.format.Idr1;
import org.osgi.service.component.annotations.Component;

/**
 * Makes SMMUv3 drivers. The component of the driver room; it has no state.
 *
 * <p>Parameters: {@code granule.lg2}, 12, 14 or 16, by default the smallest that the unit has;
 * {@code timeout.millis}, how long the unit may take to acknowledge anything, by default 1000.
 */
@Component(
    service = DriverFactory.class,
    property = DriverFactory.KIND + "=" + SmmuDriverFactory.SMMUV3)
public final class SmmuDriverFactory implements DriverFactory {
  /** The kind. */
  static final String SMMUV3 = "smmuv3";

  /** Parameter: log2 of the smallest page. */
  static final String GRANULE = "granule.lg2";

  /** Parameter: milliseconds that the unit may take to acknowledge anything. */
  static final String TIMEOUT = "timeout.millis";

  private static final Set<String> PARAMETERS = Set.of(GRANULE, TIMEOUT);
  private static final long DEFAULT_TIMEOUT = 1000;
  private static final long PRESET = Idr1.QUEUES_PRESET.mask() | Idr1.TABLES_PRESET.mask();

  @Override
  public String kind() {
    return SMMUV3;
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
    int memoryBits = environment.memory().addressBits();
    Claims any = Claims.read(environment.mmio(), 0, memoryBits);
    long granules = any.granules();
    long wanted = parameters.getOrDefault(GRANULE, (long) Long.numberOfTrailingZeros(granules));
    if ((!any.stage1() && !any.stage2()) || granules == 0 || (any.idr1() & PRESET) != 0) {
      throw refuse(
          environment,
          Reason.UNSUPPORTED,
          "no SMMUv3, or one without AArch64 tables (IDR0.TTF) or with preset tables or queues"
              + " (IDR0 0x%x, IDR1 0x%x, IDR5 0x%x)",
          any.idr0(),
          any.idr1(),
          any.idr5());
    }
    if (wanted < 0 || wanted > 16 || (granules >>> wanted & 1) == 0) {
      throw refuse(
          environment,
          Reason.INVALID,
          "granule.lg2 %d is none of the unit's (IDR5 0x%x)",
          wanted,
          any.idr5());
    }
    Claims claims = Claims.read(environment.mmio(), (int) wanted, memoryBits);
    return new SmmuDriver(new DriverCore(environment, claims, timeout * 1_000_000));
  }

  private static IoasisException refuse(
      DriverEnvironment environment, Reason reason, String why, Object... values) {
    return new IoasisException(
        reason,
        "driver for unit %s refused: ".formatted(environment.unitId()) + why.formatted(values));
  }
}
