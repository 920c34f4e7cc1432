package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.api.machine.DmaRequest.READ;
import static org.ioasis.api.machine.DmaRequest.WRITE;

import org.ioasis.api.inspect.Answer;
import org.ioasis.api.machine.DmaRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Legacy mode on the worked example: every answer by both walks, variants of one fixture. */
class LegacyWalkTest {
  private static final long IOVA = Fixture.SECOND_STAGE_IOVA;

  /** Both walks must give the same; the translator twice, the second time from its caches. */
  private static Answer ask(TestMemory memory, Capabilities capabilities, DmaRequest request) {
    Answer reference = Fixture.reference(memory, capabilities, request, Fixture.LEGACY_MODE);
    Translator translator = Fixture.translator(memory, capabilities);
    for (int round = 0; round < 2; round++) {
      long packed = translator.translate(request, Fixture.LEGACY_MODE);
      Answer fast = Fixture.answer(request, packed);
      assertThat(fast.kind()).isEqualTo(reference.kind());
      assertThat(fast.address()).isEqualTo(reference.address());
      assertThat(fast.rights()).isEqualTo(reference.rights());
      assertThat(fast.faultCode()).isEqualTo(reference.faultCode());
      assertThat(fast.pageLg2()).isLessThanOrEqualTo(reference.pageLg2());
    }
    return reference;
  }

  private static Answer ask(TestMemory memory, int access) {
    return ask(memory, Fixture.LEGACY, Fixture.request(IOVA, access));
  }

  @Test
  void fourLevels() {
    assertThat(ask(Fixture.legacy(), READ | WRITE))
        .isEqualTo(Answer.ok(0x8_9ABC_DABCL, 12, READ | WRITE));
  }

  @Test
  void threeLevelsOfTheSameTables() {
    TestMemory memory = Fixture.legacy().at(0x10_1290, 0x20_1001L, 0x4201L);
    long iova = IOVA & (1L << 39) - 1;
    assertThat(ask(memory, Fixture.LEGACY, Fixture.request(iova, READ)))
        .isEqualTo(Answer.ok(0x8_9ABC_DABCL, 12, READ | WRITE));
  }

  @Test
  void twoMegabytePage() {
    TestMemory memory = Fixture.legacy().at(0x20_2598, 0x8_4000_0083L);
    assertThat(ask(memory, WRITE)).isEqualTo(Answer.ok(0x8_4018_9ABCL, 21, READ | WRITE));
  }

  @Test
  void oneGigabytePage() {
    TestMemory memory = Fixture.legacy().at(0x20_1688, 0xC_4000_0083L);
    assertThat(ask(memory, WRITE)).isEqualTo(Answer.ok(0xC_5678_9ABCL, 30, READ | WRITE));
  }

  @Test
  void passThrough() {
    TestMemory memory = Fixture.legacy().at(0x10_1290, 0x9L, 0x4202L);
    Answer answer = ask(memory, WRITE);
    assertThat(answer.address()).isEqualTo(IOVA);
    assertThat(answer.rights()).isEqualTo(READ | WRITE);
  }

  @ParameterizedTest(name = "{0}: {1} = {2}, access {3}: {4}")
  @CsvSource({
    // what,                        address, word,             access, outcome
    "root not present,              100030, 0000000000101000, 1, 1",
    "root reserved bit,             100030, 0000000000101011, 1, A",
    "root reserved high,            100038, 0000000000000001, 1, A",
    "root above HAW,                100030, 0001000000101001, 1, A",
    "root leads nowhere,            100030, 0000700000101001, 1, 9",
    "context not present,           101290, 0000000000200000, 1, 2",
    "context reserved low,          101290, 0000000000200011, 1, B",
    "context reserved high,         101298, 0000000000004282, 1, B",
    "context above DID,             101298, 0000000001004202, 1, B",
    "context above HAW,             101290, 0001000000200001, 1, B",
    "AW not in SAGAW,               101298, 0000000000004203, 1, 3",
    "AW of 2 levels,                101298, 0000000000004200, 1, 3",
    "TT reserved,                   101290, 000000000020000D, 1, 3",
    "TT 01 without DT,              101290, 0000000000200005, 1, 3",
    "address beyond AW,             101298, 0000000000004201, 1, 4",
    "top table leads nowhere,       101290, 0000700000200001, 1, 3",
    "lower table leads nowhere,     200120, 0000700000201003, 1, 7",
    "not present read,             203C48, 000000089ABCD000, 1, 6",
    "not present write,            203C48, 000000089ABCD000, 2, 5",
    "read-only write,              203C48, 000000089ABCD001, 2, 5",
    "write-only read,              203C48, 000000089ABCD002, 1, 6",
    "write-only atomic,            203C48, 000000089ABCD002, 3, 6",
    "right missing above,           202598, 0000000000203001, 2, 5",
    "garbage in a not-present one,  203C48, 7FFFFFFFFFFFFFFC, 1, 6",
    "rights before reserved bits,   203C48, 400000089ABCD001, 2, 5",
    "bit 62,                        203C48, 400000089ABCD003, 1, C",
    "SNP without SC,                203C48, 000000089ABCD803, 1, C",
    "above HAW,                     203C48, 000100089ABCD003, 1, C",
    "PS at level 4,                 200120, 0000000000201083, 1, C",
    "misaligned 2M,                 202598, 0000000840001083, 1, C",
    "misaligned 1G,                 201688, 0000000C40200083, 1, C",
    "output in the interrupt range, 203C48, 00000000FEE01003, 2, E",
  })
  void faults(String what, String address, String word, int access, String code) {
    TestMemory memory = Fixture.legacy().at(Long.parseLong(address, 16), hex(word));
    int reason = Integer.parseInt(code, 16);
    assertThat(ask(memory, access)).isEqualTo(Answer.fault(reason));
    memory.at(0x10_1290, memory.load64(0x10_1290) | 2);
    boolean qualified = reason != 1 && reason != 0xA && reason != 9;
    assertThat(ask(memory, access))
        .as("with FPD")
        .isEqualTo(qualified ? Answer.blocked(reason) : Answer.fault(reason));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "SNP with SC,    203C48, 000000089ABCD803, 3",
    "A and D,        203C48, 000000089ABCD303, 3",
    "ignored bits,   203C48, BFF000089ABCD77B, 3",
    "ignored above,  200120, BFF0000000201F7B, 3",
    "read-only,      203C48, 000000089ABCD001, 1",
    "write-only,     203C48, 000000089ABCD002, 2",
    "read-only above,202598, 0000000000203001, 1",
  })
  void passes(String what, String address, String word, int rights) {
    TestMemory memory = Fixture.legacy().at(Long.parseLong(address, 16), hex(word) & ~0x800L);
    Capabilities snooping = new Capabilities(0x10, Fixture.LEGACY.cap(), 0xFC2L, 48);
    if (what.startsWith("SNP")) {
      memory.at(Long.parseLong(address, 16), hex(word));
    }
    assertThat(ask(memory, snooping, Fixture.request(IOVA, rights)))
        .isEqualTo(Answer.ok(0x8_9ABC_DABCL, 12, rights));
  }

  @Test
  void structuresOutsideRam() {
    Latched nowhere = new Latched(true, Latched.TTM_LEGACY, 0x7000_0000_0000L, false, 0);
    DmaRequest request = Fixture.request(IOVA, READ);
    TestMemory memory = Fixture.legacy();
    assertThat(Fixture.reference(memory, Fixture.LEGACY, request, nowhere))
        .isEqualTo(Answer.fault(8));
    long packed = Fixture.translator(memory, Fixture.LEGACY).translate(request, nowhere);
    assertThat(Fixture.answer(request, packed)).isEqualTo(Answer.fault(8));
  }

  @Test
  void addressAtTheEdgeOfTheWidth() {
    TestMemory memory = Fixture.legacy();
    DmaRequest last = Fixture.request((1L << 48) - 4, READ);
    assertThat(ask(memory, Fixture.LEGACY, last)).isEqualTo(Answer.fault(6));
    assertThat(ask(memory, Fixture.LEGACY, Fixture.request(1L << 48, READ)))
        .isEqualTo(Answer.fault(4));
    assertThat(ask(memory, Fixture.LEGACY, Fixture.request(-4L, READ))).isEqualTo(Answer.fault(4));
  }

  @Test
  void requestsThatLegacyModeDoesNotServe() {
    TestMemory memory = Fixture.legacy();
    assertThat(ask(memory, Fixture.LEGACY, Fixture.withPasid(IOVA, READ)))
        .isEqualTo(Answer.fault(0x31));
    DmaRequest ats = Fixture.request(IOVA, READ).addressType(DmaRequest.AT_TRANSLATION_REQUEST);
    assertThat(ask(memory, Fixture.LEGACY, ats)).isEqualTo(Answer.fault(0xD));
  }

  @Test
  void zeroLengthReadOfAWriteOnlyPage() {
    TestMemory memory = Fixture.legacy().at(0x20_3C48, 0x8_9ABC_D002L);
    DmaRequest request = Fixture.request(IOVA, READ).zeroLength(true);
    Capabilities strict =
        new Capabilities(0x10, Fixture.LEGACY.cap() & ~(1L << 22), Fixture.LEGACY.ecap(), 48);
    assertThat(Fixture.LEGACY.cap() >>> 22 & 1).as("QEMU offers no ZLR").isEqualTo(0);
    assertThat(ask(memory, strict, request)).isEqualTo(Answer.fault(6));
    Capabilities lenient =
        new Capabilities(0x10, Fixture.LEGACY.cap() | 1L << 22, Fixture.LEGACY.ecap(), 48);
    assertThat(ask(memory, lenient, request)).isEqualTo(Answer.ok(0x8_9ABC_DABCL, 12, WRITE));
  }

  @Test
  void reservedAndUnsupportedModes() {
    DmaRequest request = Fixture.request(IOVA, READ);
    for (int mode : new int[] {Latched.TTM_SCALABLE, Latched.TTM_RESERVED, Latched.TTM_ABORT}) {
      Latched latched = new Latched(true, mode, 0x10_0000, false, 0);
      Answer reference = Fixture.reference(Fixture.legacy(), Fixture.LEGACY, request, latched);
      assertThat(reference).isEqualTo(Answer.fault(0x30));
      Translator translator = Fixture.translator(Fixture.legacy(), Fixture.LEGACY);
      assertThat(Fixture.answer(request, translator.translate(request, latched)))
          .isEqualTo(reference);
    }
  }

  private static long hex(String word) {
    return Long.parseUnsignedLong(word, 16);
  }
}
