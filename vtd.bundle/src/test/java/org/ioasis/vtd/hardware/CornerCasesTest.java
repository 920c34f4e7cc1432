package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where every group of corner cases is tested: by number, so that none is forgotten. */
class CornerCasesTest {
  private static final Set<Integer> GROUPS = new TreeSet<>();

  /** Checks that {@code Class.method} is a test of this package. */
  static void checkExists(String test) {
    int dot = test.indexOf('.');
    String name = test.substring(dot + 1);
    try {
      Class<?> type = Class.forName("org.ioasis.vtd.hardware." + test.substring(0, dot));
      assertThat(Stream.of(type.getDeclaredMethods()).filter(m -> m.getName().equals(name)))
          .as(test)
          .anyMatch(
              m ->
                  m.isAnnotationPresent(Test.class)
                      || m.isAnnotationPresent(ParameterizedTest.class));
    } catch (ClassNotFoundException e) {
      throw new AssertionError(test + " does not exist", e);
    }
  }

  /** Groups 1 to 39, and the line on resets as 40. No capability is off, so none is skipped. */
  @ParameterizedTest(name = "group {0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1 | RegisterInvalidationTest.lowHalfStartsNothingHighHalfStarts
          2 | GlobalCommandTest.statusFollowsCommands
          3 | GlobalCommandTest.rootTableIsTakenBySrtpAlone GlobalCommandTest.interruptTableIsTakenBySirtpAlone
          4 | RegisterInvalidationTest.doneWithTheGranularity RegisterInvalidationTest.refusedWhileTheQueueIsOn
          5 | FaultRecordingTest.writesOfZeroAndOfPpfDoNothing RegisterAccessTest.oneWideWriteCoversAddressAndUpperAddress RegisterAccessTest.readsPastTheLastFaultRecordAreHarmless
          6 | FaultRecordingTest.maskedEventStaysPendingUntilUnmasked FaultRecordingTest.servicedStatusWithdrawsThePendingEvent FaultRecordingTest.aSecondConditionWhileTheFirstStandsRaisesNothing
          7 | ProtectedMemoryTest.statusFollowsEnable ProtectedMemoryTest.granularityIsFoundByWritingOnes ProtectedMemoryTest.requestsToTheRegionsAreBlockedUnrecorded AddressTranslationServiceTest.protectedMemoryIsOutOfReachForTranslatedRequests
          8 | RegisterAccessTest.addressBitsAboveTheHostWidthAreNotImplemented PageRequestTest.registersHaveTheirWidths
          9 | ReservedBitsTest.structures
          10 | ScalableWalkTest.upperHalfOfTheBus
          11 | OutcomeMatrixTest.matrix LegacyWalkTest.faults
          12 | OutcomeMatrixTest.widths LegacyWalkTest.addressAtTheEdgeOfTheWidth
          13 | LegacyWalkTest.faults PrivilegeAndMarksTest.secondStageExecute ReservedBitsTest.structures
          14 | LegacyWalkTest.faults ReservedBitsTest.leafs ReservedBitsTest.sizesThatAreNotOffered
          15 | CacheCoverageTest.aLargePageAroundTheInterruptRangeServesItsOtherParts
          16 | ScalableWalkTest.canonicalAddresses ScalableWalkTest.accessedAtEveryLevelDirtyOnlyInTheLeafOfAWrite PrivilegeAndMarksTest.firstStage PrivilegeAndMarksTest.upperLevels PrivilegeAndMarksTest.extendedAccessed
          17 | NestedWalkTest.secondStageFaults NestedWalkTest.markingATableThatTheSecondStageMakesReadOnly NestedWalkTest.addressesBeyondTheSecondStage NestedWalkTest.mixedPageSizes
          18 | ScalableWalkTest.pasidAtTheEdgeOfTheDirectory ScalableWalkTest.ridPasidCountsOnlyWithRps OutcomeMatrixTest.matrix
          19 | ScalableWalkTest.passThrough AddressTranslationServiceTest.passThrough
          20 | ScalableWalkTest.eachFpdAlone ScalableWalkTest.fpdCountsEvenWithoutP FaultReasonsTest.isQualifiedAsTheTableSays
          21 | FaultRecordingTest.oneRecordOverflows FaultRecordingTest.eightRecordsFillWrapAndNameTheFirst FaultRecordingTest.faultsOfTheSameSourceCollapse FaultRecordingTest.clearingPfoFirstLosesTheNextOneAgain
          22 | FaultRecordingTest.recordOfAWriteAndOfARead OutcomeMatrixTest.records PageRequestTest.refused AddressTranslationServiceTest.records
          23 | InvalidationQueueTest.anEmptyQueueStaysEmpty InvalidationQueueTest.theRingWraps InvalidationQueueTest.tailBeyondTheQueue InvalidationQueueTest.misalignedTailOfAWideQueue InvalidationQueueTest.wideDescriptorsNeedScalableMode InvalidationQueueTest.tailBeforeEnableIsProcessedAtEnable InvalidationQueueTest.disableGivesAWaitUp InvalidationQueueTest.disableResetsTheHeadAndEnableTakesTheNewQueue
          24 | InvalidationQueueTest.refusedDescriptorsStopTheQueue InvalidationQueueTest.clearingIqeWithoutARepairFailsAgain ReservedBitsTest.descriptors
          25 | InvalidationQueueTest.waitWritesStatusBeforeTheInterrupt InvalidationQueueTest.statusIntoMissingMemory InvalidationQueueTest.fenceAloneIsLegal PageRequestTest.drain
          26 | DeviceTlbInvalidationTest.aSilentDeviceCostsTheWait DeviceTlbInvalidationTest.completionsNobodyWaitsFor
          27 | CommandReplayTest.endsWhereTheCaptureEnded
          28 | InvalidationQueueTest.pasidDescriptorsNeedTheWideQueue InvalidationQueueTest.upperWordsOfAWideDescriptorAreReserved
          29 | CacheCoverageTest.anUnmappedPageHitsUntilItIsInvalidated CacheCoverageTest.aPermissionUpgradeNeedsNoInvalidation CacheCoverageTest.notPresentIsNeverCached CachingModeTest.notPresentPages CachingModeTest.contextEntriesAreTaggedZero
          30 | CacheCoverageTest.secondStagePagesTakeAllFirstStageOfTheDomainAlong CacheCoverageTest.pasidSelectivePagesLeaveTheSecondStage CacheCoverageTest.onePasidOfADomain CacheCoverageTest.devicesWithOneDomainShareTranslationsEvenOfTwoTables NestedWalkTest.whatRemovesANestedTranslation
          31 | CacheCoverageTest.aLargePageGoesWhenPartOfItIsInvalidated CacheCoverageTest.leafOnlyInvalidationSparesTheWayToTheLeafTable
          32 | InvalidationEffectTest.aChangedContextEntry InvalidationEffectTest.aChangedPasidEntry InvalidationEffectTest.setRootTablePointerEmptiesTheCaches InvalidationEffectTest.setRootTablePointerWithoutEsrtpsLeavesThem
          33 | DeviceTlbInvalidationTest.messages DeviceTlbInvalidationTest.everySize DeviceTlbInvalidationTest.capabilities
          34 | PageRequestTest.overflow PageRequestTest.oneEventUntilSoftwareClearsPpr PageRequestLifeTest.aGroupThatOverflowedIsAskedForAgain
          35 | PageRequestTest.descriptors PageRequestTest.responses PageRequestTest.aResponseToNobodyIsCounted PageRequestTest.refused PageRequestTest.modes
          36 | InterruptReasonsTest.refused InterruptReasonsTest.sizeOfTheTable InterruptReasonsTest.lastOfTheLargestTable
          37 | InterruptFormatMatrixTest.formats InterruptFormatMatrixTest.sources InterruptFormatMatrixTest.shortDestination
          38 | InterruptEntryCacheTest.anEntryIsStaleUntilItIsInvalidated InterruptEntryCacheTest.masksAndReservedBits InterruptEntryCacheTest.aNewTableIsEnoughWithEsirtps
          39 | InterruptPostingTest.notification InterruptPostingTest.refused InterruptReasonsTest.refused
          40 | StateTest.coldResetIsTheStateOfANewUnit StateTest.warmResetLeavesStickyRegisters
          """)
  void everyGroupHasItsTests(int group, String tests) {
    GROUPS.add(group);
    for (String test : tests.split(" ", -1)) {
      checkExists(test);
    }
  }

  @AfterAll
  static void noGroupIsMissing() {
    assertThat(GROUPS).isEqualTo(IntStream.rangeClosed(1, 40).boxed().collect(Collectors.toSet()));
  }
}
