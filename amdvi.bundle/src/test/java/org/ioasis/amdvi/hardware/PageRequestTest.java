package org.ioasis.amdvi.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.PageRequest;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.machine.Translation.Refusal;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** ATS and page requests: corner cases 35 to 37. */
@Requirement(66)
class PageRequestTest {
  private static final long IOVA = 0x1234567000L;
  private final List<PageResponse> responses = new ArrayList<>();

  private Rig rig(long word0, long word1) {
    Rig rig = Rig.full().start().hostTables().dte(word0, word1);
    rig.endpoints.put(
        Rig.DEVICE,
        new Endpoint() {
          @Override
          public void pageResponse(PageResponse response) {
            responses.add(response);
          }
        });
    return rig;
  }

  /** Mode 3, I=1, PPR=1. */
  private Rig rig() {
    return rig(0x6010000123456603L, 0x0000000100000042L);
  }

  private static DmaRequest asks(Rig rig, long iova) {
    return rig.read(Rig.DEVICE, iova)
        .access(DmaRequest.READ | DmaRequest.WRITE)
        .addressType(DmaRequest.AT_TRANSLATION_REQUEST);
  }

  private static PageRequest page(int pasid, int group, boolean last) {
    return new PageRequest(Rig.DEVICE, pasid, 0x7F0000001000L, 3, false, group, last);
  }

  // ---- ATS ----

  @ParameterizedTest
  @CsvSource({
    "I=0,  0x6000000123456603, 0x42",
    "V=0,  0x6000000123456602, 0x100000042",
    "TV=0, 0x6000000123456601, 0x100000042"
  })
  void translationRequestsThatAreNotAdmitted(String name, String word0, String word1) {
    Rig rig = rig(Long.decode(word0), Long.decode(word1));
    long packed = rig.ask(asks(rig, IOVA));
    assertThat(Translation.refusal(packed)).as(name).isEqualTo(Refusal.UNSUPPORTED);
    assertThat(rig.events()).containsExactly(0x8100000000000340L, IOVA);
  }

  @Test
  void translationRequestsAreCompleted() {
    Rig rig = rig();
    DmaRequest request = asks(rig, IOVA);
    long packed = rig.ask(request);
    assertThat(Translation.address(packed)).isEqualTo(0xABCDEF0000L);
    assertThat(request.rights() & 3).isEqualTo(3);
    request = asks(rig, 0x1234583000L);
    packed = rig.ask(request);
    assertThat(Translation.spanLg2(packed)).as("64 KiB").isEqualTo(16);
    rig.poke(0x123457D10L, 0x3000000080200001L);
    rig.command(0x8000000000000000L, 0);
    request = asks(rig, IOVA);
    packed = rig.ask(request);
    assertThat(Translation.spanLg2(packed)).as("2 MiB").isEqualTo(21);
    assertThat(request.rights() & 3).as("read-only").isEqualTo(1);
    request = asks(rig, 0x9000);
    assertThat(Translation.isPresent(rig.ask(request))).isTrue();
    assertThat(request.rights()).as("nothing is mapped").isZero();
    assertThat(rig.events()).isEmpty();
    rig.ask(asks(rig, 0xFEE00000L));
    assertThat(rig.events()).containsExactly(0x8300000000000340L, 0xFEE00000L);
  }

  @Test
  void writeIsGrantedWhenDIsSet() {
    Rig rig = rig(0x6010000123456783L, 0x0000000100000042L); // HAD=3
    DmaRequest request = asks(rig, IOVA).access(DmaRequest.READ);
    rig.ask(request);
    assertThat(request.rights() & 3).isEqualTo(1);
    assertThat(rig.peek(0x123458B38L)).isEqualTo(0x700000ABCDEF0021L);
    request = asks(rig, IOVA);
    rig.ask(request);
    assertThat(request.rights() & 3).isEqualTo(3);
    assertThat(rig.peek(0x123458B38L)).isEqualTo(0x700000ABCDEF0061L);
    request = asks(rig, IOVA).noWrite(true);
    rig.ask(request);
    assertThat(request.rights() & 3).isEqualTo(1);
  }

  @Test
  void illegalEntriesAreNotCompleted() {
    Rig rig = rig(0x6010000123456607L, 0x0000000100000042L);
    assertThat(Translation.refusal(rig.ask(asks(rig, IOVA)))).isEqualTo(Refusal.UNSUPPORTED);
    assertThat(rig.events()).containsExactly(0x11A0000000000340L, IOVA);
  }

  @Test
  void translatedRequestsNeedI() {
    Rig rig = rig(0x0000000123456603L, 0x0000000100000042L); // no rights, which do not matter
    DmaRequest request = rig.write(Rig.DEVICE, 0x5000).addressType(DmaRequest.AT_TRANSLATED);
    assertThat(Translation.address(rig.ask(request))).isEqualTo(0x5000);
    rig.dte(0x6000000123456603L, 0x42);
    assertThat(Translation.refusal(rig.ask(request))).isEqualTo(Refusal.UNSUPPORTED);
    assertThat(rig.events()).containsExactly(0x8200000000000340L, 0x5000L);
    rig.dte(0, 0x0000000100000042L);
    rig.ask(request);
    assertThat(rig.events()).as("V=0").containsExactly(0x8200000000000340L, 0x5000L);
  }

  // ---- page requests ----

  @Test
  void requestsAreLogged() {
    Rig rig = rig();
    assertThat(rig.unit.pageRequest(page(0x12345, 0xA5, true))).isTrue();
    assertThat(rig.peek(Rig.REQUESTS)).as("the worked example").isEqualTo(0x116406A523450340L);
    assertThat(rig.peek(Rig.REQUESTS + 8)).isEqualTo(0x7F0000001000L);
    assertThat(rig.r64(0x2038)).isEqualTo(0x10);
    assertThat(rig.r64(0x2020) & 0x40).isEqualTo(0x40);
    assertThat(rig.messages).hasSize(1);
    rig.unit.pageRequest(
        new PageRequest(Rig.DEVICE, DmaRequest.NO_PASID, 0x5000, 1, true, 7, false));
    assertThat(rig.peek(Rig.REQUESTS + 16)).isEqualTo(0x1004000700000340L);
  }

  @Test
  void groupsInterleaveAndEachIsAnsweredByItsCommand() {
    Rig rig = rig();
    rig.unit.pageRequest(page(5, 1, false));
    rig.unit.pageRequest(page(6, 2, true));
    rig.unit.pageRequest(page(5, 1, true));
    assertThat(rig.r64(0x2038)).isEqualTo(0x30);
    assertThat(rig.peek(Rig.REQUESTS) >>> 32 & 0x3FF).isEqualTo(1);
    assertThat(rig.peek(Rig.REQUESTS + 0x10) >>> 32 & 0x3FF).isEqualTo(0x202);
    assertThat(rig.peek(Rig.REQUESTS + 0x20) >>> 32 & 0x3FF).isEqualTo(0x201);
    rig.command(0x7000000600000340L, 0x0000000200000004L);
    rig.command(0x7000000500000340L, 0x0000100100000004L);
    rig.command(0x7001234500000340L, 0x0000F0A500000000L);
    rig.command(0x7001234500000340L, 0x0000F0A500000000L);
    assertThat(responses)
        .as("twice and unknown: the device decides")
        .containsExactly(
            new PageResponse(Rig.DEVICE, 6, 2, PageResponse.Code.SUCCESS),
            new PageResponse(Rig.DEVICE, 5, 1, PageResponse.Code.INVALID_REQUEST),
            new PageResponse(
                Rig.DEVICE, DmaRequest.NO_PASID, 0xA5, PageResponse.Code.RESPONSE_FAILURE),
            new PageResponse(
                Rig.DEVICE, DmaRequest.NO_PASID, 0xA5, PageResponse.Code.RESPONSE_FAILURE));
  }

  @ParameterizedTest
  @CsvSource({
    "PPR=0,     0x6000000123456603, 0x100000042, 0x1F49D",
    "I=0,       0x6010000123456603, 0x42,        0x1F49D",
    "V=0,       0x6010000123456602, 0x100000042, 0x1F49D",
    "PPREn=0,   0x6010000123456603, 0x100000042, 0x1749D",
    "PPRLogEn=0, 0x6010000123456603, 0x100000042, 0x1D49D"
  })
  void requestsThatAreNotAdmitted(String name, String word0, String word1, String control) {
    Rig rig = rig(Long.decode(word0), Long.decode(word1));
    rig.w64(0x18, Long.decode(control));
    assertThat(rig.unit.pageRequest(page(0x12345, 0xA5, false))).isTrue();
    assertThat(responses).isEmpty();
    rig.unit.pageRequest(page(0x12345, 0xA5, true));
    assertThat(rig.events())
        .as(name)
        .containsExactly(
            0x910104A523450340L, 0x7F0000001000L, 0x910106A523450340L, 0x7F0000001000L);
    assertThat(responses)
        .containsExactly(
            new PageResponse(Rig.DEVICE, 0x12345, 0xA5, PageResponse.Code.INVALID_REQUEST));
    assertThat(rig.r64(0x2038)).isZero();
  }

  @Test
  void withoutPprSupOrWhileDisabledTheMessageIsUnsupported() {
    Rig rig = Rig.of(0x80, 0, AmdviProfiles.FULL_HEADER).start();
    assertThat(rig.unit.pageRequest(page(5, 1, true))).isFalse();
    Rig off = rig();
    off.w64(0x18, 0);
    assertThat(off.unit.pageRequest(page(5, 1, true))).isFalse();
  }

  private static void fill(Rig rig) {
    for (int i = 0; i < 511; i++) {
      rig.unit.pageRequest(page(5, i & 0xFF, true));
    }
  }

  @Test
  void theLogOverflowsAndIsRestarted() {
    Rig rig = rig();
    fill(rig);
    assertThat(rig.r64(0x2020) & 0xA0).isEqualTo(0x80);
    assertThat(rig.unit.pageRequest(page(5, 1, true))).isTrue();
    assertThat(rig.r64(0x2020) & 0xA0).isEqualTo(0x20);
    assertThat(responses).as("dropped: the device waits").isEmpty();
    assertThat(rig.unit.counters()).containsEntry("ppr.dropped", 1L);
    long control = rig.r64(0x18);
    rig.w64(0x18, control & ~(1L << 13));
    rig.w64(0x2020, 0x20);
    rig.w64(0x2030, rig.r64(0x2038));
    rig.w64(0x18, control);
    rig.unit.pageRequest(page(5, 1, true));
    assertThat(rig.r64(0x2038)).as("logs again, and wraps").isZero();
  }

  @Test
  void fullLogsAreAnsweredAutomatically() {
    Rig rig = rig();
    rig.w64(0x18, rig.r64(0x18) | 1L << 39);
    rig.w64(0x2080, 0x1);
    fill(rig);
    assertThat(responses).isEmpty();
    rig.unit.pageRequest(page(5, 1, false));
    assertThat(responses).as("only the last of a group").isEmpty();
    rig.unit.pageRequest(page(5, 1, true));
    rig.w64(0x2080, 0x1F);
    rig.unit.pageRequest(page(5, 2, true));
    assertThat(responses)
        .containsExactly(
            new PageResponse(Rig.DEVICE, 5, 1, PageResponse.Code.INVALID_REQUEST),
            new PageResponse(
                Rig.DEVICE, DmaRequest.NO_PASID, 2, PageResponse.Code.RESPONSE_FAILURE));
  }

  @Test
  void alwaysOnAnswersEveryRequest() {
    Rig rig = rig();
    rig.w64(0x18, rig.r64(0x18) | 1L << 39 | 1L << 42);
    rig.w64(0x2080, 0x0);
    rig.unit.pageRequest(page(5, 1, true));
    assertThat(responses)
        .containsExactly(new PageResponse(Rig.DEVICE, 5, 1, PageResponse.Code.SUCCESS));
    assertThat(rig.r64(0x2038)).isZero();
  }

  @Test
  void theEarlyWarning() {
    Rig rig = rig();
    rig.w64(0x18, rig.r64(0x18) & ~(1L << 14)); // PPRIntEn=0
    rig.w64(0x2088, 3L | 1L << 30 | 1L << 31);
    rig.unit.pageRequest(page(5, 1, true));
    rig.unit.pageRequest(page(5, 2, true));
    assertThat(rig.r64(0x2020) & 1 << 18).isZero();
    rig.unit.pageRequest(page(5, 3, true));
    assertThat(rig.r64(0x2020) & 1 << 18).isEqualTo(1 << 18);
    rig.unit.pageRequest(page(5, 4, true));
    assertThat(rig.messages).as("once").hasSize(1);
    rig.w64(0x2020, 1 << 18);
    rig.w64(0x2030, rig.r64(0x2038));
    rig.unit.pageRequest(page(5, 5, true));
    assertThat(rig.r64(0x2020) & 1 << 18).isZero();
  }

  @Test
  void anEntryThatCannotBeReadFailsTheGroup() {
    Rig rig = rig();
    rig.w64(0, 0x700000000000L | 0x1FF);
    rig.command(0x8000000000000000L, 0);
    rig.unit.pageRequest(page(5, 1, true));
    assertThat(rig.events()).containsExactly(0x3200000000000340L, 0x700000006800L);
    assertThat(responses.get(0).code()).isEqualTo(PageResponse.Code.RESPONSE_FAILURE);
  }
}
