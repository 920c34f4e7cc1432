package org.ioasis.amdvi.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Where each of the fact sheet&#39;s 41 corner cases is tested. A case that is not tested names
 * what is not there.
 */
class CornerCasesTest {
  /** Number, test class, test method; or number, {@code -}, what is off. */
  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          1,  RegistersTest,   statusBitsAreClearedAloneAndRunBitsIgnoreWrites
          2,  -,               no configuration space: the profile states the capability header
          3,  RegistersTest,   aBaseWriteRewindsAndIsRefusedWhileTheRingRuns
          4,  RegistersTest,   lengthCodes
          5,  RegistersTest,   everyRingWrapsAtItsLastSlot
          6,  RegistersTest,   aTailOutsideTheRingIsMasked
          7,  RegistersTest,   theLogOverflowsStopsAndIsRestarted
          8,  RegistersTest,   completionWaitIsSeenWithoutItsInterrupt
          9,  RegistersTest,   halvesAreWrittenAlone
          10, RegistersTest,   hardwareErrorsAreHeld
          11, RegistersTest,   disabledTheUnitPassesEverythingAndRunsNothing
          12, RegistersTest,   eightSegments
          13, DeviceTableTest, eachReservedBitOfTheLowerHalf
          14, DeviceTableTest, illegalValues
          15, DeviceTableTest, suppressAllAndSuppressAfterTheFirst
          16, DeviceTableTest, theEndOfTheTable
          17, DeviceTableTest, devicesOfOneDomainShareTranslations
          18, HostWalkTest,    eachLeafSize
          19, HostWalkTest,    allReplicasTranslateAlike
          20, HostWalkTest,    skippedLevels
          21, HostWalkTest,    iovasBeyondTheWidth
          22, HostWalkTest,    rightsAreAndedOverAllLevels
          23, HostWalkTest,    reservedBits
          24, HostWalkTest,    withoutPrNothingElseCounts
          25, HostWalkTest,    eachPageOfAnAccessIsAskedForItself
          26, GuestWalkTest,   pasidsBeyondTheTables
          27, GuestWalkTest,   canonicalAddresses
          28, GuestWalkTest,   leavesOfEachSize
          29, GuestWalkTest,   aHostFaultAtEachGuestLevel
          30, CommandsTest,    illegalCommandsStopTheBuffer
          31, CommandsTest,    memoryThatFails
          32, CommandsTest,    invalidationIsExact
          33, CommandsTest,    completionWaitComesAfterManyCommandsAndOpenBursts
          34, CommandsTest,    aDeviceThatDoesNotAnswerTimesOut
          35, PageRequestTest, translationRequestsAreCompleted
          36, PageRequestTest, translatedRequestsNeedI
          37, PageRequestTest, groupsInterleaveAndEachIsAnsweredByItsCommand
          38, InterruptTest,   entriesThatRefuse
          39, InterruptTest,   theWorkedExampleWith128Bits
          40, InterruptTest,   entriesAreCachedUnlessThatIsOff
          41, HostWalkTest,    accessedAndDirty
          """)
  void isTested(int number, String testClass, String method) throws ClassNotFoundException {
    if (testClass.equals("-")) {
      assertThat(method).isNotBlank();
      return;
    }
    Class<?> tests = Class.forName(getClass().getPackageName() + "." + testClass);
    assertThat(Arrays.stream(tests.getDeclaredMethods()).map(Method::getName)).contains(method);
  }

  @Test
  void smiFiltersCountersAndPostingAreOff() {
    Rig rig = Rig.full();
    for (long offset : new long[] {0x60, 0xE0, 0xF0, 0xF8, 0x200, 0x2040, 0x2050, 0x2070, 0x2090}) {
      rig.w64(offset, -1L);
      assertThat(rig.r64(offset)).as("0x%x", offset).isZero();
    }
  }
}
