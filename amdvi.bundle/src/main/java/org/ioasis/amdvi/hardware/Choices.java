package org.ioasis.amdvi.hardware;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.machine.Profile;

/**
 * What the unit does where the specification leaves a choice or its readers disagree. Each is a
 * profile parameter; 0 is the recommended answer, others are seen elsewhere.
 *
 * @param badModeIsPageFault parameter {@value #BAD_MODE}: Mode=7 or above HATS gives IO_PAGE_FAULT
 *     with PR=1 instead of ILLEGAL_DEV_TABLE_ENTRY
 * @param beyondTableIsPageFault parameter {@value #BEYOND_TABLE}: a DeviceID past the table&#39;s
 *     end gives IO_PAGE_FAULT with PR=0 instead of ILLEGAL_DEV_TABLE_ENTRY
 * @param passesWithoutTv parameter {@value #TV_0}: TV=0 passes instead of IO_PAGE_FAULT
 * @param interruptsPassWithoutV parameter {@value #IV_WITHOUT_V}: V=0 lets interrupts pass,
 *     whatever IV says
 * @param noExclusion parameter {@value #EXCLUSION}: the exclusion range has no effect
 * @param headMovesToTail parameter {@value #HEAD_AFTER_ERROR}: a bad command moves the head to the
 *     tail
 * @param runsOnOverflow parameter {@value #RUN_ON_OVERFLOW}: EventLogRun and PprLogRun stay 1 on
 *     overflow
 * @param restartClearsOverflow parameter {@value #OVERFLOW_CLEARING}: starting a log clears its
 *     overflow bit
 * @param pasidWithoutGvType parameter {@value #PASID_WITHOUT_GV}: the type of
 *     INVALID_DEVICE_REQUEST for a PASID where GV=0; 1 unless stated
 * @param widthUnchecked parameter {@value #BEYOND_WIDTH}: IOVA bits above the tables&#39; width are
 *     ignored instead of IO_PAGE_FAULT
 * @param fetchesOnInvalidation parameter {@value #DEVTAB_FETCH}: INVALIDATE_DEVTAB_ENTRY fetches
 *     the entry at once, and reports one that cannot be read or has a reserved bit anywhere,
 *     whatever V and IV say; otherwise the next request does
 * @param unreadableIrteIsPageFault parameter {@value #IRTE_UNREADABLE}: IO_PAGE_FAULT instead of
 *     PAGE_TAB_HARDWARE_ERROR
 */
record Choices(
    boolean badModeIsPageFault,
    boolean beyondTableIsPageFault,
    boolean passesWithoutTv,
    boolean interruptsPassWithoutV,
    boolean noExclusion,
    boolean headMovesToTail,
    boolean runsOnOverflow,
    boolean restartClearsOverflow,
    int pasidWithoutGvType,
    boolean widthUnchecked,
    boolean fetchesOnInvalidation,
    boolean unreadableIrteIsPageFault) {
  static final String BAD_MODE = "choice.bad-mode",
      BEYOND_TABLE = "choice.beyond-table",
      TV_0 = "choice.tv0",
      IV_WITHOUT_V = "choice.iv-without-v",
      EXCLUSION = "choice.exclusion",
      HEAD_AFTER_ERROR = "choice.head-after-error",
      RUN_ON_OVERFLOW = "choice.run-on-overflow",
      OVERFLOW_CLEARING = "choice.overflow-clearing",
      PASID_WITHOUT_GV = "choice.pasid-without-gv",
      BEYOND_WIDTH = "choice.beyond-width",
      DEVTAB_FETCH = "choice.devtab-fetch",
      IRTE_UNREADABLE = "choice.irte-unreadable";

  private static final int TYPES = 8;
  private static final int RECOMMENDED_TYPE = 1;

  /** The names of the parameters. */
  static final Set<String> PARAMETERS =
      Set.of(
          BAD_MODE,
          BEYOND_TABLE,
          TV_0,
          IV_WITHOUT_V,
          EXCLUSION,
          HEAD_AFTER_ERROR,
          RUN_ON_OVERFLOW,
          OVERFLOW_CLEARING,
          PASID_WITHOUT_GV,
          BEYOND_WIDTH,
          DEVTAB_FETCH,
          IRTE_UNREADABLE);

  /**
   * What a profile states.
   *
   * @throws IoasisException INVALID naming the parameter
   */
  static Choices of(Profile profile) {
    return new Choices(
        flag(profile, BAD_MODE),
        flag(profile, BEYOND_TABLE),
        flag(profile, TV_0),
        flag(profile, IV_WITHOUT_V),
        flag(profile, EXCLUSION),
        flag(profile, HEAD_AFTER_ERROR),
        flag(profile, RUN_ON_OVERFLOW),
        flag(profile, OVERFLOW_CLEARING),
        number(profile, PASID_WITHOUT_GV, RECOMMENDED_TYPE, TYPES),
        flag(profile, BEYOND_WIDTH),
        flag(profile, DEVTAB_FETCH),
        flag(profile, IRTE_UNREADABLE));
  }

  /** The recommended values by parameter. */
  static Map<String, Long> recommended() {
    Map<String, Long> values = new TreeMap<>();
    PARAMETERS.forEach(name -> values.put(name, 0L));
    values.put(PASID_WITHOUT_GV, (long) RECOMMENDED_TYPE);
    return values;
  }

  private static boolean flag(Profile profile, String name) {
    return number(profile, name, 0, 2) != 0;
  }

  private static int number(Profile profile, String name, int otherwise, int end) {
    long value = profile.parameter(name, otherwise);
    if (value < 0 || value >= end) {
      throw new IoasisException(
          Reason.INVALID, "profile parameter %s=%d is not 0 to %d".formatted(name, value, end - 1));
    }
    return (int) value;
  }
}
