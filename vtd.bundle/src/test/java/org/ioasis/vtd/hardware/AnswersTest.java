package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.inspect.AnswerFormat;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The dialect of captures and vectors, and the bench. */
class AnswersTest {
  private final AnswerFormat format = new VtdFactory().answers();
  private static final Row UNIT = new Row();

  @ParameterizedTest(name = "fault {0} against {1}")
  @CsvSource({
    "5, 05, true",
    "6, 06, true",
    "5, 06, false",
    "113, 71, true",
    "133, 85, true",
    "5, 79, true",
    "6, 79, true",
    "5, 85, true",
    "6, 86, true",
    "5, 86, false",
    "6, 85, false",
    "12, 7A, false",
    "5, 71, false"
  })
  void captureFaultsAreDecimal(int theirs, String ours, boolean agrees) {
    Row row = new Row().text("iova", "0x1000").number("fault", theirs);
    Answer answer = Answer.fault(Integer.parseInt(ours, 16));
    assertThat(format.agreesWithCapture(row, answer, UNIT)).isEqualTo(agrees);
    Answer blocked = Answer.blocked(Integer.parseInt(ours, 16));
    assertThat(format.agreesWithCapture(row, blocked, UNIT)).isFalse();
    assertThat(format.agreesWithCapture(row, Answer.ok(0x1000, 12, 3), UNIT)).isFalse();
  }

  @Test
  void captureAddresses() {
    Row row = new Row().text("iova", "0xffffda84").text("pa", "0x1091d2a84");
    assertThat(format.agreesWithCapture(row, Answer.ok(0x1_091D_2A84L, 12, 3), UNIT)).isTrue();
    assertThat(format.agreesWithCapture(row, Answer.ok(0x1_091D_2A80L, 12, 3), UNIT)).isFalse();
    assertThat(format.agreesWithCapture(row, Answer.fault(5), UNIT)).isFalse();
    assertThat(format.agreesWithCapture(row, Answer.blocked(0), UNIT)).isFalse();
  }

  @Test
  void captureRowsWithoutAnAnswer() {
    Row row = new Row().text("iova", "0x5000").text("access", "read");
    assertThat(format.agreesWithCapture(row, Answer.ok(0x5000, 20, 7), UNIT)).isTrue();
    assertThat(format.agreesWithCapture(row, Answer.blocked(0), UNIT)).isTrue();
    assertThat(format.agreesWithCapture(row, Answer.ok(0x6000, 12, 7), UNIT)).isFalse();
    assertThat(format.agreesWithCapture(row, Answer.fault(5), UNIT)).isFalse();
  }

  private static Row step(Row out) {
    return new Row().text("op", "dma").rows("out", List.of(out));
  }

  private static Row fault(String reason, long low, long high, String fsts) {
    return new Row()
        .text("class", "fault")
        .text("reason", reason)
        .words("frcd", List.of(low, high))
        .text("fsts", fsts);
  }

  @Test
  void vectorFaultsCompareReasonRecordAndStatus() {
    Row ours = fault("5", 0x1A_8000L, 0x8000_0005_0000_0500L, "2");
    assertThat(agrees(fault("5", 0x1A_8000L, 0x8000_0005_0000_0500L, "2"), ours)).isTrue();
    assertThat(agrees(fault("6", 0x1A_8000L, 0x8000_0005_0000_0500L, "2"), ours)).isFalse();
    assertThat(agrees(fault("5", 0x1A_9000L, 0x8000_0005_0000_0500L, "2"), ours)).isFalse();
    assertThat(agrees(fault("5", 0x1A_8000L, 0xC000_0005_0000_0500L, "2"), ours)).isFalse();
    assertThat(agrees(fault("5", 0x1A_8000L, 0x8000_0005_0000_0500L, "3"), ours)).isFalse();
    Row reasonOnly = new Row().text("class", "fault").text("reason", "5").flag("unrecorded", true);
    assertThat(agrees(reasonOnly, ours)).isTrue();
    assertThat(agrees(new Row().text("class", "suppressed"), ours)).isFalse();
  }

  private boolean agrees(Row theirs, Row ours) {
    return format.agreesWithVector(step(theirs), ours);
  }

  @Test
  void vectorClasses() {
    Row ok = new Row().text("class", "ok").text("pa", "ab5fb575c");
    Row more = new Row().text("class", "ok").text("pa", "ab5fb575c").text("page", "1000");
    assertThat(agrees(more.flag("data", true), ok)).isTrue();
    assertThat(agrees(new Row().text("class", "ok").text("pa", "ab5fb5758"), ok)).isFalse();
    Row suppressed = new Row().text("class", "suppressed");
    assertThat(agrees(new Row().text("class", "suppressed"), suppressed)).isTrue();
    assertThat(agrees(new Row().text("class", "blocked").text("traced_pa", "1"), suppressed))
        .isTrue();
    assertThat(agrees(ok, suppressed)).isFalse();
    assertThat(format.agreesWithVector(new Row().text("op", "dma"), ok)).isFalse();
  }

  @Test
  void theBenchReadsAndAcknowledgesTheRecord() {
    Rig rig = Rig.of(0x10, 0x80D2_008C_222F_0606L, 0xF42);
    rig.w64(0x20, 0x10_0000L);
    rig.w32(0x18, 0xC000_0000L);
    rig.unit.translate(rig.write(7, 0x7000));
    AnswerFormat.Bench bench = format.bench(rig.mmio, rig.memory());
    bench.start();
    assertThat(rig.r32(0x34)).as("what was there before is forgotten").isZero();
    for (int turn = 0; turn < 2; turn++) {
      DmaRequest request = rig.read(0x500, 0xFFFF_FFCA_1704L);
      Answer answer = bench.answer(request, rig.unit.translate(request));
      assertThat(answer).isEqualTo(Answer.fault(1));
      assertThat(bench.outcome())
          .isEqualTo(fault("1", 0xFFFF_FFCA_1000L, 0xC000_0001_0000_0500L, "2"));
      assertThat(rig.r32(0x34)).isZero();
    }
  }

  @Test
  void theBenchOnOtherAnswers() {
    Rig rig = Rig.full();
    AnswerFormat.Bench bench = format.bench(rig.mmio, rig.memory());
    DmaRequest request = rig.read(0x10, 0x5004);
    Answer answer = bench.answer(request, rig.unit.translate(request));
    assertThat(answer.kind()).isEqualTo(Answer.Kind.OK);
    assertThat(answer.address()).isEqualTo(0x5004);
    assertThat(bench.outcome()).isEqualTo(new Row().text("class", "ok").text("pa", "5004"));
    request.refused(0x0B);
    assertThat(bench.answer(request, Translation.none(Translation.Refusal.ABORTED)))
        .isEqualTo(Answer.blocked(0x0B));
    assertThat(bench.outcome()).isEqualTo(new Row().text("class", "suppressed"));
  }

  @Test
  void faultNames() {
    assertThat(format.faultName(5)).isEqualTo("LGN.2");
    assertThat(format.faultName(0x87)).isEqualTo("SGN.8");
    assertThat(format.faultName(0xEE)).isEqualTo("reason EEh");
    assertThat(format.faultMeaning(0x71)).isEqualTo("a first-stage entry is not present");
    assertThat(format.faultMeaning(0)).isEqualTo("blocked by configuration");
    assertThat(format.faultMeaning(0xEE)).isNotBlank();
  }
}
