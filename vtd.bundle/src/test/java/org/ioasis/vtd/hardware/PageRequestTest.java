package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.PageRequest;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.api.machine.PageResponse.Code;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page request queue: messages in, descriptors and events out, answers back. */
class PageRequestTest {
  private static final int SID = 0x329, NONE = DmaRequest.NO_PASID;
  private static final int R = DmaRequest.READ, W = DmaRequest.WRITE, X = DmaRequest.EXECUTE;
  private static final long RING = 0x17_0000L, QUEUE = 0x14_0000L, STATUS = 0x15_0000L;
  private static final int PQH = 0xC0, PQT = 0xC8, PQA = 0xD0, PRS = 0xDC, PECTL = 0xE0;

  private final Rig rig = Rig.full();
  private final List<PageResponse> answers = new ArrayList<>();
  private long tail;

  @BeforeEach
  void start() {
    Fixture.scalable().snapshot().forEach((address, word) -> rig.poke(address, word));
    rig.w64(0x20, 0x10_0400L);
    rig.w32(0x18, 0x4000_0000L);
    rig.w64(0x90, QUEUE | 0x801);
    rig.w32(0x18, 0x8400_0000L);
    rig.w64(PQA, RING);
    rig.w32(0xE4, 0x51);
    rig.w32(0xE8, 0xFEE0_2000L);
    rig.w32(PECTL, 0);
    rig.endpoints.put(
        SID,
        new Endpoint() {
          @Override
          public void pageResponse(PageResponse response) {
            answers.add(response);
          }
        });
  }

  private boolean ask(int pasid, long address, int access, int group, boolean last) {
    return rig.unit.pageRequest(new PageRequest(SID, pasid, address, access, false, group, last));
  }

  private String descriptor(int index) {
    long at = RING + 32L * index;
    return "%016x %016x %x %x"
        .formatted(rig.peek(at), rig.peek(at + 8), rig.peek(at + 16), rig.peek(at + 24));
  }

  private void submit(long lo, long hi) {
    rig.poke(QUEUE + tail, lo, hi, 0, 0);
    tail = tail + 32 & 0x1FFF;
    rig.w64(0x88, tail);
  }

  /** The fact sheet's worked examples, word for word. */
  @Test
  void descriptors() {
    rig.poke(RING + 16, -1, -1);
    assertThat(ask(0x1234, 0x7F81_2345_6000L, R | W, 0x1AB, true)).isTrue();
    assertThat(ask(NONE, 0x1234_5678_9000L, R, 5, true)).isTrue();
    assertThat(ask(0x1234, 0, 0, 0, true)).isTrue();
    assertThat(rig.unit.pageRequest(new PageRequest(SID, 0x1234, 0x1000, R | X, true, 0, false)))
        .isTrue();
    assertThat(descriptor(0)).isEqualTo("0000123403290101 00007f8123456d5f 0 0");
    assertThat(descriptor(1)).isEqualTo("0000000003290001 000012345678902d 0 0");
    assertThat(descriptor(2)).as("stop marker").isEqualTo("0000123403290101 0000000000000004 0 0");
    assertThat(descriptor(3)).isEqualTo("0030123403290101 0000000000001001 0 0");
    assertThat(rig.r64(PQT)).isEqualTo(0x80);
    assertThat(answers).isEmpty();
  }

  @Test
  void oneEventUntilSoftwareClearsPpr() {
    ask(0x1234, 0x1000, R, 1, true);
    assertThat(rig.messages).containsExactly(new Rig.Message(0xFEE0_2000L, 0x51));
    assertThat(rig.r32(PRS)).isEqualTo(1);
    ask(0x1234, 0x2000, R, 2, true);
    assertThat(rig.messages).hasSize(1);
    rig.w32(PRS, 1); // clear, then read the tail: no request falls between
    assertThat(rig.r32(PRS)).isZero();
    ask(0x1234, 0x3000, R, 3, true);
    assertThat(rig.messages).hasSize(2);
    assertThat(rig.r64(PQT)).isEqualTo(0x60);
  }

  @Test
  void maskedEventsStayPending() {
    rig.w32(PECTL, 0x8000_0000L);
    ask(0x1234, 0x1000, R, 1, true);
    assertThat(rig.messages).isEmpty();
    assertThat(rig.r32(PECTL)).isEqualTo(0xC000_0000L);
    rig.w32(PECTL, 0);
    assertThat(rig.messages).hasSize(1);
    rig.w32(PECTL, 0x8000_0000L);
    rig.w32(PRS, 1);
    ask(0x1234, 0x1000, R, 1, true);
    rig.w32(PRS, 1);
    assertThat(rig.r32(PECTL)).as("serviced while pending").isEqualTo(0x8000_0000L);
  }

  @Test
  void theRingWraps() {
    for (int round = 0; round < 300; round++) {
      assertThat(ask(0x1234, 0x1000L * round, R, 1, true)).isTrue();
      assertThat(rig.peek(RING + 32L * (round % 128) + 8) & -0x1000L).isEqualTo(0x1000L * round);
      rig.w64(PQH, rig.r64(PQT));
      rig.w32(PRS, 1);
    }
    assertThat(answers).isEmpty();
    assertThat(rig.unit.counters()).containsEntry("pages.requested", 300L);
  }

  /** Full at N-1; the one that does not fit is answered by the unit if it ends its group. */
  @Test
  void overflow() {
    for (int request = 0; request < 127; request++) {
      ask(0x1234, 0x1000, R, 7, false);
    }
    assertThat(rig.r32(PRS)).isEqualTo(1);
    assertThat(rig.r64(PQT)).isEqualTo(127 * 32);
    ask(0x1234, 0x2000, R, 7, false);
    assertThat(rig.r32(PRS)).as("PPR and PRO").isEqualTo(3);
    assertThat(answers).as("the group goes on").isEmpty();
    ask(0x1234, 0x3000, R, 7, true);
    assertThat(answers).containsExactly(new PageResponse(SID, 0x1234, 7, Code.SUCCESS));
    ask(0x1234, 0, 0, 0, true);
    assertThat(answers).as("a stop marker is never answered").hasSize(1);
    rig.w64(PQH, rig.r64(PQT));
    ask(0x1234, 0x4000, R, 8, true);
    assertThat(answers).as("drained, but PRO stands").hasSize(2);
    assertThat(rig.messages).as("neither overflow nor drop are new conditions").hasSize(1);
    rig.w32(PRS, 3);
    ask(0x1234, 0x5000, R, 9, true);
    assertThat(rig.r32(PRS)).isEqualTo(1);
    assertThat(answers).hasSize(2);
    assertThat(rig.r64(PQT)).as("wrapped").isZero();
    assertThat(rig.unit.counters()).containsEntry("pages.dropped", 4L);
  }

  /** PRO alone, with PPR cleared, is a condition of its own. */
  @Test
  void overflowAloneRaisesTheEvent() {
    for (int request = 0; request < 127; request++) {
      ask(NONE, 0x1000, W, 1, true);
    }
    rig.w32(PRS, 1);
    ask(NONE, 0x1000, W, 1, true);
    assertThat(rig.r32(PRS)).isEqualTo(2);
    assertThat(rig.messages).hasSize(2);
    assertThat(answers).containsExactly(new PageResponse(SID, NONE, 1, Code.SUCCESS));
  }

  @ParameterizedTest
  @CsvSource({"0, 128", "1, 256", "4, 2048", "7, 16384"})
  void sizes(int pqs, int entries) {
    rig.w64(PQA, RING | pqs);
    rig.w64(PQT, 32L * (entries - 1));
    rig.w64(PQH, 64);
    ask(NONE, 0x1000, R, 1, true);
    assertThat(rig.r64(PQT)).isZero();
    assertThat(rig.peek(RING + 32L * (entries - 1) + 8)).isEqualTo(0x1000 | 8 | 5);
  }

  @Test
  void aQueueOutsideMemoryOverflows() {
    rig.w64(PQA, 0x7000_0000_0000L);
    ask(NONE, 0x1000, R, 1, true);
    assertThat(rig.r32(PRS)).isEqualTo(2);
    assertThat(rig.r64(PQT)).isZero();
  }

  /** One bit of the structures, and what a page request with PASID and without meets. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "PRE=0,                 110520, 12000D,           8012344790000329, 8000004710000329",
    "PASIDE=0,              110520, 120015,           8012344590000329, -",
    "PRE=1 with DTE=0,      110520, 120019,           8012344390000329, 8000004310000329",
    "context not present,   110520, 12001C,           8012344190000329, 8000004110000329",
    "reserved in context,   110520, 12003D,           8012344290000329, 8000004210000329",
    "root not present,      100030, 110000,           8012343990000329, 8000003910000329",
    "FPD,                   110520, 12000F,           -,                -",
    "RID_PASID out of range, 110528, 2000,            -,                8000004810000329",
  })
  void refused(String name, String place, String word, String withPasid, String without) {
    rig.poke(Long.parseLong(place, 16), Long.parseLong(word, 16));
    checkRefusal(0x1234, withPasid, name.equals("FPD"));
    checkRefusal(NONE, without, name.equals("FPD"));
  }

  private void checkRefusal(int pasid, String record, boolean quiet) {
    answers.clear();
    assertThat(ask(pasid, 0x7F81_2345_6000L, R, 3, true)).isTrue();
    long high = rig.r64(0x228);
    if (record.equals("-") && !quiet) {
      assertThat(high).isEqualTo(high & Long.MAX_VALUE);
      assertThat(answers).isEmpty();
      return;
    }
    assertThat(answers).containsExactly(new PageResponse(SID, pasid, 3, Code.RESPONSE_FAILURE));
    assertThat(high < 0 ? Long.toHexString(high) : "-").isEqualTo(record);
    if (high < 0) {
      assertThat(rig.r64(0x220)).isEqualTo(0x7F81_2345_6000L);
    }
    rig.w32(0x22C, 0x8000_0000L);
    rig.unit.state().dropCaches();
    resetRecords();
  }

  /** The next record is the first one again. */
  private void resetRecords() {
    while (rig.unit.counters().get("faults.recorded") % 8 != 0) {
      rig.unit.translate(rig.read(0xFFFF, 0x1000));
      for (int index = 0; index < 8; index++) {
        rig.w32(0x22C + 16 * index, 0x8000_0000L);
      }
    }
  }

  @Test
  void pasidBeyondTheDirectory() {
    ask(0x2000, 0x1000, R, 1, true);
    assertThat(rig.r64(0x228)).isEqualTo(0x8020_0046_9000_0329L);
    assertThat(answers).containsExactly(new PageResponse(SID, 0x2000, 1, Code.RESPONSE_FAILURE));
  }

  @Test
  void modes() {
    rig.w64(0x20, 0x10_0000L);
    rig.w32(0x18, 0xC400_0000L);
    assertThat(ask(NONE, 0x1000, R, 1, true)).isTrue();
    assertThat(rig.r64(0x228)).as("legacy").isEqualTo(0x8000_0032_1000_0329L);
    assertThat(answers).hasSize(1);
    rig.w64(0x20, 0x10_0C00L);
    rig.w32(0x18, 0xC400_0000L);
    assertThat(ask(NONE, 0x1000, R, 1, true)).as("abort-DMA mode").isFalse();
    rig.w32(0x18, 0x0400_0000L);
    assertThat(ask(NONE, 0x1000, R, 1, true)).as("TES=0").isFalse();
    assertThat(answers).hasSize(1);
  }

  @Test
  void withoutTheCapabilityItIsUnsupported() {
    for (int bit : new int[] {29, 2}) {
      Rig plain = Rig.of(0x50, VtdProfiles.FULL_CAP, VtdProfiles.FULL_ECAP & ~(1L << bit));
      plain.w32(0x18, 0x8000_0000L);
      PageRequest request = new PageRequest(SID, NONE, 0x1000, R, false, 1, true);
      assertThat(plain.unit.pageRequest(request)).isFalse();
      plain.w64(PQA, RING | 4);
      plain.w32(PECTL, 0x8000_0000L);
      assertThat(plain.r64(PQA)).isZero();
      assertThat(plain.r32(PECTL)).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0000123403290019, SUCCESS,          1234",
    "0000123403291019, INVALID_REQUEST,  1234",
    "000012340329F019, RESPONSE_FAILURE, 1234",
    "0000123403293019, RESPONSE_FAILURE, 1234",
    "0000000003290009, SUCCESS,          -1",
  })
  void responses(String word, Code code, String pasid) {
    submit(Long.parseUnsignedLong(word, 16), 0xD58);
    assertThat(answers)
        .containsExactly(new PageResponse(SID, Integer.parseInt(pasid, 16), 0x1AB, code));
  }

  @Test
  void aResponseToNobodyIsCounted() {
    submit(0x0000_1234_0444_0019L, 0xD58);
    assertThat(answers).isEmpty();
    assertThat(rig.unit.counters()).containsEntry("pages.unanswered", 1L);
    assertThat(rig.r32(0x34)).isZero();
  }

  /** The responses of the unit's own come before a wait with PD completes. */
  @Test
  void drain() {
    rig.w64(PQH, 32);
    ask(NONE, 0x1000, R, 1, true);
    submit(0x0000_0002_0000_00A5L, STATUS);
    assertThat(answers).hasSize(1);
    assertThat(rig.peek(STATUS)).isEqualTo(2);
  }

  /** A page request takes what is cached of its page along. */
  @Test
  void theRequestedPageIsDropped() {
    DmaRequest read = Fixture.withPasid(Fixture.FIRST_STAGE_IOVA, R);
    long before = rig.unit.translate(read);
    rig.poke(0x30_3000 + 0x056 * 8, 0x5_DEAD_C067L);
    assertThat(rig.unit.translate(read)).as("stale").isEqualTo(before);
    ask(0x1234, Fixture.FIRST_STAGE_IOVA & -0x1000, R, 1, true);
    assertThat(rig.unit.translate(read) - before).isEqualTo(0x1000);
  }

  @Test
  void registersHaveTheirWidths() {
    rig.w64(PQA, -1);
    assertThat(rig.r64(PQA)).isEqualTo(0x000F_FFFF_FFFF_F007L);
    rig.w64(PQH, -1);
    rig.w64(PQT, -1);
    assertThat(rig.r64(PQH)).isEqualTo(0x7FFE0L);
    assertThat(rig.r64(PQT)).isEqualTo(0x7FFE0L);
    assertThat(Rig.full().r32(PECTL)).isEqualTo(0x8000_0000L);
  }
}
