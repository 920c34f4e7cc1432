package org.ioasis.machine.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.engine.DmaChannel;
import org.ioasis.api.engine.DmaEngine;
import org.ioasis.api.engine.DmaLoad;
import org.ioasis.api.engine.EngineSpec;
import org.ioasis.api.engine.LoadReport;
import org.ioasis.api.engine.LoadSpec;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.machine.AtcInvalidation;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.machine.PageRequest;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.api.machine.StallEnd;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.machine.DefaultMachineFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EngineTest {
  private static final int SOURCE = 0x20;
  private static final int NONE = DmaRequest.NO_PASID;
  private static final long MILLI = 1_000_000;

  private final ScriptedUnit unit = new ScriptedUnit();
  private Machine machine;
  private DmaEngine engine;
  private DmaChannel channel;

  @BeforeEach
  void build() {
    machine =
        new DefaultMachineFactory()
            .create(MachineSpec.isolated("engine", 40, List.of(MemoryRegion.ram(0, 4L << 20))));
    EndpointSpec endpoint = new EndpointSpec("engine", SOURCE, false, true, true, true, 20);
    engine =
        new DefaultEngineFactory()
            .create(machine, EngineSpec.of(endpoint).answerWait(100 * MILLI).blockedWait(0));
    channel = engine.channel();
    machine.fabric().install("unit", unit);
    machine.fabric().port(SOURCE).orElseThrow().open("unit");
  }

  @AfterEach
  void close() {
    machine.close();
  }

  private Endpoint endpoint() {
    return machine.fabric().endpoint(SOURCE).orElseThrow();
  }

  private static ByteBuffer bytes(int count) {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    for (int i = 0; i < count; i++) {
      buffer.put((byte) (i * 7 + 1));
    }
    return buffer.flip();
  }

  private TransferStatus readWord(long iova) {
    return channel.read(NONE, iova, ByteBuffer.allocate(8));
  }

  @Test
  void bytesGoWhereTheUnitSaysAcrossPages() {
    assertThat(channel.write(NONE, 0x1FF0, bytes(0x2020))).isEqualTo(TransferStatus.OK);
    ByteBuffer there = ByteBuffer.allocate(0x2020);
    machine.memory().read(ScriptedUnit.OFFSET + 0x1FF0, there);
    assertThat(there.flip()).isEqualTo(bytes(0x2020));
    ByteBuffer back = ByteBuffer.allocate(0x2020);
    assertThat(channel.read(NONE, 0x1FF0, back)).isEqualTo(TransferStatus.OK);
    assertThat(back.flip()).isEqualTo(bytes(0x2020));
    assertThat(unit.types).hasSize(8).containsOnly(DmaRequest.AT_UNTRANSLATED);
  }

  @Test
  void atomicAccessesSayWhatTheyFound() {
    machine.memory().store64(ScriptedUnit.OFFSET + 0x40, 5);
    assertThat(channel.fetchAndAdd(NONE, 0x40, 2)).isEqualTo(TransferStatus.OK);
    assertThat(channel.found()).isEqualTo(5);
    assertThat(channel.compareAndExchange(NONE, 0x40, 7, 9)).isEqualTo(TransferStatus.OK);
    assertThat(channel.found()).isEqualTo(7);
    assertThat(machine.memory().load64(ScriptedUnit.OFFSET + 0x40)).isEqualTo(9);
    assertThatThrownBy(() -> channel.fetchAndAdd(NONE, 0x44, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0x44");
  }

  @Test
  void anInterruptArrives() {
    List<String> seen = new ArrayList<>();
    machine.interrupts().addSink((address, data) -> seen.add("%x=%x".formatted(address, data)));
    unit.script.add(request -> Translation.ofNotRam(request.iova(), 12));
    assertThat(channel.interrupt(0xFEE0_0000L, 0x41)).isEqualTo(TransferStatus.OK);
    assertThat(seen).containsExactly("fee00000=41");
  }

  @ParameterizedTest
  @CsvSource({
    "FAULT, FAULT, 6",
    "UNSUPPORTED, UNSUPPORTED, 0",
    "ABORTED, ABORTED, 0",
    "QUIET, QUIET, 0"
  })
  void aRefusalEndsTheAccess(Translation.Refusal refusal, TransferStatus status, int code) {
    unit.refuse(refusal, code);
    ByteBuffer into = ByteBuffer.allocate(8);
    assertThat(channel.read(NONE, 0x1000, into)).isEqualTo(status);
    assertThat(channel.faultCode()).isEqualTo(code);
    assertThat(into.position()).isZero();
    assertThat(unit.types).hasSize(1);
  }

  @Test
  void anAccessOutsideMemoryIsABusErrorAndMovesNothing() {
    ByteBuffer into = ByteBuffer.allocate(8);
    assertThat(channel.read(NONE, 0x4000_0000L, into)).isEqualTo(TransferStatus.BUS_ERROR);
    assertThat(into.position()).isZero();
  }

  @Test
  void whatIsSentAgainForeverIsGivenUp() {
    for (int i = 0; i < 2 * EngineSpec.DEFAULT_RETRIES; i++) {
      unit.refuse(Translation.Refusal.RETRY_MOVED, 0);
    }
    assertThat(readWord(0)).isEqualTo(TransferStatus.GAVE_UP);
    assertThat(unit.types).hasSize(EngineSpec.DEFAULT_RETRIES);
  }

  @Test
  void aClosedPortIsWaitedForAsLongAsTheSpecificationSays() {
    DmaEngine patient =
        new DefaultEngineFactory()
            .create(
                machine,
                EngineSpec.of(EndpointSpec.plain("patient", 0x28)).blockedWait(10 * MILLI));
    assertThat(patient.channel().read(NONE, 0, ByteBuffer.allocate(8)))
        .isEqualTo(TransferStatus.BLOCKED);
    assertThat(machine.time().nanoTime()).isEqualTo(10 * MILLI);
    machine
        .time()
        .schedule(3 * MILLI, () -> machine.fabric().port(0x28).orElseThrow().open("unit"));
    assertThat(patient.channel().read(NONE, 0, ByteBuffer.allocate(8)))
        .isEqualTo(TransferStatus.OK);
    assertThat(machine.time().nanoTime()).isEqualTo(13 * MILLI);
  }

  @Test
  void aDeviceTlbSparesTheUnitUntilItIsInvalidated() {
    endpoint().enable(true, false, false);
    assertThat(readWord(0x3000)).isEqualTo(TransferStatus.OK);
    assertThat(readWord(0x3008)).isEqualTo(TransferStatus.OK);
    assertThat(unit.types)
        .containsExactly(
            DmaRequest.AT_TRANSLATION_REQUEST, DmaRequest.AT_TRANSLATED, DmaRequest.AT_TRANSLATED);
    List<String> completed = new ArrayList<>();
    endpoint()
        .invalidateAtc(
            new AtcInvalidation(SOURCE, NONE, 0x3000, 12, false), () -> completed.add("done"));
    assertThat(completed).containsExactly("done");
    assertThat(readWord(0x3000)).isEqualTo(TransferStatus.OK);
    assertThat(unit.types.subList(3, 5))
        .containsExactly(DmaRequest.AT_TRANSLATION_REQUEST, DmaRequest.AT_TRANSLATED);
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 0x3000, 12, false, true",
    "-1, 0x0, 64, false, true",
    "-1, 0x2000, 13, false, true",
    "-1, 0x4000, 12, false, false",
    "7, 0x3000, 12, false, false",
    "-1, 0x3000, 12, true, false"
  })
  void anInvalidationCoversWhatItNames(
      int pasid, long base, int sizeLg2, boolean global, boolean covered) {
    endpoint().enable(true, false, false);
    readWord(0x3000);
    endpoint().invalidateAtc(new AtcInvalidation(SOURCE, pasid, base, sizeLg2, global), () -> {});
    unit.types.clear();
    readWord(0x3000);
    assertThat(unit.types.contains(DmaRequest.AT_TRANSLATION_REQUEST)).isEqualTo(covered);
  }

  @Test
  void anInvalidationCompletesAfterTheBurstThatMayUseWhatItForgets() {
    endpoint().enable(true, false, false);
    List<String> order = new ArrayList<>();
    unit.script.add(
        request -> {
          endpoint()
              .invalidateAtc(
                  new AtcInvalidation(SOURCE, NONE, 0, 64, false), () -> order.add("completed"));
          order.add("translated");
          request.granted(DmaRequest.READ);
          return Translation.of(ScriptedUnit.OFFSET + request.iova(), 12);
        });
    assertThat(readWord(0x3000)).isEqualTo(TransferStatus.OK);
    assertThat(order).containsExactly("translated", "completed");
    unit.types.clear();
    readWord(0x3000);
    assertThat(unit.types)
        .as("what was answered before the invalidation was not kept")
        .contains(DmaRequest.AT_TRANSLATION_REQUEST);
  }

  @Test
  void aTranslationForReadingIsNotUsedForWriting() {
    endpoint().enable(true, false, false);
    readWord(0x3000);
    unit.types.clear();
    channel.write(NONE, 0x3000, bytes(8));
    readWord(0x3000);
    assertThat(unit.types)
        .as("a write asks anew, so that the unit can mark the page; a read uses what it got")
        .containsExactly(
            DmaRequest.AT_TRANSLATION_REQUEST, DmaRequest.AT_TRANSLATED, DmaRequest.AT_TRANSLATED);
  }

  @Test
  void aTranslationThatMustNotBeKeptIsUsedUntranslated() {
    endpoint().enable(true, false, false);
    unit.rights = DmaRequest.READ | DmaRequest.UNTRANSLATED_ONLY;
    readWord(0x3000);
    readWord(0x3000);
    assertThat(unit.types)
        .containsExactly(
            DmaRequest.AT_TRANSLATION_REQUEST,
            DmaRequest.AT_UNTRANSLATED,
            DmaRequest.AT_TRANSLATION_REQUEST,
            DmaRequest.AT_UNTRANSLATED);
  }

  private void answerWith(PageResponse.Code code) {
    unit.onPage =
        request -> {
          machine
              .time()
              .schedule(
                  MILLI,
                  () ->
                      endpoint()
                          .pageResponse(
                              new PageResponse(SOURCE, request.pasid(), request.group(), code)));
          return true;
        };
  }

  @ParameterizedTest
  @CsvSource({"SUCCESS, OK", "INVALID_REQUEST, FAULT", "RESPONSE_FAILURE, FAULT"})
  void aMissingPageIsAskedFor(PageResponse.Code code, TransferStatus status) {
    endpoint().enable(true, true, false);
    answerWith(code);
    unit.refuse(Translation.Refusal.FAULT, 0);
    assertThat(channel.write(9, 0x5008, bytes(8))).isEqualTo(status);
    assertThat(unit.pages)
        .containsExactly(new PageRequest(SOURCE, 9, 0x5000, DmaRequest.WRITE, false, 0, true));
  }

  @Test
  void afterAResponseFailureNothingIsAskedForUntilItIsEnabledAnew() {
    endpoint().enable(true, true, false);
    answerWith(PageResponse.Code.RESPONSE_FAILURE);
    channel.requestPages(NONE, 0, 1, DmaRequest.READ);
    assertThat(channel.requestPages(NONE, 0, 1, DmaRequest.READ)).isEqualTo(TransferStatus.FAULT);
    assertThat(unit.pages).hasSize(1);
    endpoint().enable(true, false, false);
    endpoint().enable(true, true, false);
    channel.requestPages(NONE, 0, 1, DmaRequest.READ);
    assertThat(unit.pages).hasSize(2);
  }

  @Test
  void rightsThatDoNotSufficeAreAskedFor() {
    endpoint().enable(true, true, false);
    answerWith(PageResponse.Code.INVALID_REQUEST);
    unit.rights = DmaRequest.READ;
    assertThat(channel.write(NONE, 0x5000, bytes(8))).isEqualTo(TransferStatus.FAULT);
    assertThat(unit.pages).hasSize(1);
  }

  @Test
  void aGroupOfPagesIsOneQuestionAndEveryOtherGroupAnother() {
    endpoint().enable(true, true, false);
    answerWith(PageResponse.Code.SUCCESS);
    assertThat(channel.requestPages(3, 0x8FFF, 3, DmaRequest.READ)).isEqualTo(TransferStatus.OK);
    assertThat(channel.requestPages(3, 0, 1, DmaRequest.READ)).isEqualTo(TransferStatus.OK);
    assertThat(unit.pages)
        .extracting(PageRequest::address, PageRequest::group, PageRequest::last)
        .containsExactly(
            tuple(0x8000L, 0, false),
            tuple(0x9000L, 0, false),
            tuple(0xA000L, 0, true),
            tuple(0L, 1, true));
  }

  @Test
  void aLateAnswerNeverMeetsANewGroup() {
    endpoint().enable(true, true, false);
    assertThat(channel.requestPages(NONE, 0, 1, DmaRequest.READ))
        .isEqualTo(TransferStatus.TIMED_OUT);
    assertThat(machine.time().nanoTime()).isEqualTo(100 * MILLI);
    assertThat(engine.counters()).containsEntry("page.groups.open", 1L);
    for (int i = 0; i < 2; i++) {
      endpoint().pageResponse(new PageResponse(SOURCE, NONE, 0, PageResponse.Code.SUCCESS));
    }
    assertThat(engine.counters())
        .containsEntry("page.groups.open", 0L)
        .containsEntry("page.responses.unknown", 1L);
  }

  @Test
  void aStopMarkerHasNoAccessAndItsPasid() {
    assertThat(engine.stopPasid(9)).isFalse();
    endpoint().enable(true, true, true);
    assertThat(engine.stopPasid(9)).isTrue();
    assertThat(unit.pages).containsExactly(new PageRequest(SOURCE, 9, 0, 0, false, 0, true));
  }

  @ParameterizedTest
  @CsvSource({"RETRY, OK", "MOVED, OK", "ABORT, FAULT", "QUIET, QUIET"})
  void aStalledAccessWaitsForItsEnd(StallEnd end, TransferStatus status) {
    unit.stall(77);
    machine.time().schedule(5 * MILLI, () -> endpoint().stallEnded(77, end));
    assertThat(readWord(0x1000)).isEqualTo(status);
    assertThat(machine.time().nanoTime()).isEqualTo(5 * MILLI);
  }

  @ParameterizedTest
  @ValueSource(longs = {5, Endpoint.ALL_STALLS})
  void anEndThatComesBeforeTheTagIsKnownCounts(long tag) {
    endpoint().stallEnded(tag, StallEnd.ABORT); // of what was there before
    unit.script.add(
        request -> {
          request.stalled(5);
          endpoint().stallEnded(tag, StallEnd.RETRY);
          return Translation.none(Translation.Refusal.STALLED);
        });
    assertThat(readWord(0x1000)).isEqualTo(TransferStatus.OK);
    assertThat(machine.time().nanoTime()).isZero();
  }

  @Test
  void allStallsEndTogetherAndANeverEndedOneTimesOut() {
    unit.stall(5);
    machine
        .time()
        .schedule(MILLI, () -> endpoint().stallEnded(Endpoint.ALL_STALLS, StallEnd.MOVED));
    assertThat(readWord(0x1000)).isEqualTo(TransferStatus.OK);
    unit.stall(6);
    assertThat(readWord(0x1000)).isEqualTo(TransferStatus.TIMED_OUT);
    endpoint().stallEnded(Endpoint.ALL_STALLS, StallEnd.MOVED); // nobody waits
    assertThat(engine.counters())
        .containsEntry("stalls", 2L)
        .containsEntry("stalls.moved", 1L)
        .containsEntry("stalls.open", 0L);
  }

  @Test
  void aLoadFindsEveryByteThatIsNotItsOwn() {
    DmaLoad load = engine.load(LoadSpec.of(0x1000, 0x1000, 1));
    int[] left = {500};
    LoadReport report = load.run(() -> left[0]-- == 0);
    assertThat(report.accesses()).isEqualTo(500);
    assertThat(report.wrongBytes()).isZero();
    for (long at = 0; at < 0x1000; at += 64) {
      long word = machine.memory().load64(ScriptedUnit.OFFSET + 0x1000 + at);
      machine.memory().store64(ScriptedUnit.OFFSET + 0x1000 + at, word ^ 0xFF_00FFL);
    }
    int[] more = {50};
    LoadReport later = load.run(() -> more[0]-- == 0);
    assertThat(later.accesses()).isEqualTo(50);
    assertThat(later.wrongBytes()).isPositive().isEven();
  }

  @Test
  void aLoadKeepsItsPaceAndTellsItsLongestGap() {
    DmaLoad load = engine.load(new LoadSpec(NONE, 0x1000, 0x1000, 8, 1000, 1));
    machine
        .time()
        .schedule(
            50 * MILLI,
            () -> {
              for (int i = 0; i < 10; i++) {
                unit.refuse(Translation.Refusal.FAULT, 1);
              }
            });
    LoadReport report = load.run(() -> machine.time().nanoTime() >= 200 * MILLI);
    assertThat(report.accesses()).isBetween(188L, 192L);
    assertThat(report.refused()).containsEntry(TransferStatus.FAULT, 10L);
    assertThat(report.longestGapNanos()).isBetween(10 * MILLI, 12 * MILLI);
    assertThat(report.accessesPerSecond()).isBetween(900.0, 1000.0);
  }

  @Test
  void aResetForgetsEverything() {
    endpoint().enable(true, true, true);
    readWord(0x3000);
    assertThat(engine.enabled()).isEqualTo(7);
    endpoint().reset();
    assertThat(engine.enabled()).isZero();
    unit.types.clear();
    readWord(0x3000);
    assertThat(unit.types).containsExactly(DmaRequest.AT_UNTRANSLATED);
  }
}
