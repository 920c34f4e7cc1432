package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.api.machine.DmaRequest.EXECUTE;
import static org.ioasis.api.machine.DmaRequest.READ;
import static org.ioasis.api.machine.DmaRequest.WRITE;

import java.util.Map;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.machine.DmaRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Scalable mode on the worked example: every answer by both walks, variants of one fixture. */
class ScalableWalkTest {
  private static final long FIRST = Fixture.FIRST_STAGE_IOVA;
  private static final long SECOND = Fixture.SECOND_STAGE_IOVA;

  private static Answer ask(TestMemory memory, Capabilities capabilities, DmaRequest request) {
    Answer reference = Fixture.reference(memory, capabilities, request, Fixture.SCALABLE_MODE);
    Translator translator = Fixture.translator(memory, capabilities);
    for (int round = 0; round < 2; round++) {
      long packed = translator.translate(request, Fixture.SCALABLE_MODE);
      Answer fast = Fixture.answer(request, packed);
      assertThat(fast.kind()).isEqualTo(reference.kind());
      assertThat(fast.address()).isEqualTo(reference.address());
      assertThat(fast.rights()).isEqualTo(reference.rights());
      assertThat(fast.faultCode()).isEqualTo(reference.faultCode());
    }
    return reference;
  }

  private static Answer askPasid(TestMemory memory, int access) {
    return ask(memory, Fixture.SCALABLE, Fixture.withPasid(FIRST, access));
  }

  private static Answer askRid(TestMemory memory, int access) {
    return ask(memory, Fixture.SCALABLE, Fixture.request(SECOND, access));
  }

  @Test
  void firstStage() {
    assertThat(askPasid(Fixture.scalable(), READ | WRITE))
        .isEqualTo(Answer.ok(0x5_DEAD_BABCL, 12, READ | WRITE));
  }

  @Test
  void firstStageReadOnly() {
    TestMemory memory = Fixture.scalable().at(0x30_32B0, 0x5_DEAD_B025L);
    assertThat(askPasid(memory, READ)).isEqualTo(Answer.ok(0x5_DEAD_BABCL, 12, READ));
    assertThat(askPasid(memory, WRITE)).isEqualTo(Answer.fault(0x85));
  }

  @Test
  void firstStageFiveLevels() {
    Capabilities five =
        new Capabilities(0x10, Fixture.SCALABLE.cap() | 1L << 60, Fixture.SCALABLE.ecap(), 48);
    TestMemory memory = Fixture.scalable().at(0x13_0D10, 0x31_0004L).at(0x31_0000, 0x30_0027L);
    assertThat(ask(memory, five, Fixture.withPasid(FIRST, WRITE)))
        .isEqualTo(Answer.ok(0x5_DEAD_BABCL, 12, READ | WRITE));
    assertThat(ask(memory, Fixture.SCALABLE, Fixture.withPasid(FIRST, WRITE)))
        .isEqualTo(Answer.fault(0x5B));
  }

  @Test
  void secondStageByRidPasid() {
    assertThat(askRid(Fixture.scalable(), WRITE))
        .isEqualTo(Answer.ok(0x8_9ABC_DABCL, 12, READ | WRITE));
  }

  @Test
  void upperHalfOfTheBus() {
    TestMemory memory = Fixture.scalable().at(0x11_1540, 0x12_001DL, 0, 0, 0);
    DmaRequest request = new DmaRequest().set(0x3AA, DmaRequest.NO_PASID, SECOND, 4, READ);
    assertThat(ask(memory, Fixture.SCALABLE, request))
        .isEqualTo(Answer.ok(0x8_9ABC_DABCL, 12, READ | WRITE));
    memory.at(0x10_0038, 0x11_1000L);
    assertThat(ask(memory, Fixture.SCALABLE, request)).isEqualTo(Answer.fault(0x39));
    assertThat(askRid(memory, READ).kind()).isEqualTo(Answer.Kind.OK);
  }

  @Test
  void passThrough() {
    TestMemory memory = Fixture.scalable().at(0x13_0D00, 0x109L, 0x80_0001L, 0L);
    assertThat(askPasid(memory, WRITE).address()).isEqualTo(FIRST);
    assertThat(ask(memory, Fixture.SCALABLE, Fixture.withPasid(0xFEE0_1000L, WRITE)))
        .isEqualTo(Answer.fault(0x87));
    assertThat(ask(memory, Fixture.SCALABLE, Fixture.withPasid(1L << 48, WRITE)))
        .isEqualTo(Answer.fault(0x83));
  }

  @ParameterizedTest(name = "{0}: {1} = {2}, access {3}: {4}")
  @CsvSource({
    // with PASID 1234h, first stage
    "lower half not present,      100030, 0000000000110000, 1, 39, n",
    "root reserved bit,           100030, 0000000000110801, 1, 3A, n",
    "root above HAW,              100030, 0001000000110001, 1, 3A, n",
    "root leads nowhere,          100030, 0000700000110001, 1, 40, n",
    "context not present,         110520, 000000000012001C, 1, 41, y",
    "context reserved bit,        110520, 00000000001200FD, 1, 42, y",
    "context reserved word 1,     110528, 0000000000200000, 1, 42, y",
    "context reserved word 2,     110530, 0000000000000001, 1, 42, y",
    "context reserved word 3,     110538, 8000000000000000, 1, 42, y",
    "context above HAW,           110520, 000100000012001D, 1, 42, y",
    "PASIDE=0,                    110520, 0000000000120015, 1, 45, y",
    "directory leads nowhere,     110520, 000070000012001D, 1, 50, n",
    "directory not present,       120240, 0000000000130000, 1, 51, y",
    "directory reserved bit,      120240, 0000000000130005, 1, 52, y",
    "table leads nowhere,         120240, 0000700000130001, 1, 58, n",
    "entry not present,           130D00, 0000000000000048, 1, 59, y",
    "entry reserved word 0,       130D00, 0000000000000449, 1, 5A, y",
    "entry reserved word 1,       130D08, 0000000000010001, 1, 5A, y",
    "entry reserved word 2,       130D10, 0000000000300100, 1, 5A, y",
    "entry reserved word 3,       130D18, 0000000000000001, 1, 5A, y",
    "entry reserved word 7,       130D38, 0000000000000001, 1, 5A, y",
    "FSPTPTR above HAW,           130D10, 0001000000300000, 1, 5A, y",
    "PGTT 0,                      130D00, 0000000000000009, 1, 5B, y",
    "PGTT nested,                 130D00, 00000000000000C9, 1, 5B, y",
    "FSPM reserved,               130D10, 0000000000300008, 1, 5B, y",
    "top table leads nowhere,     130D10, 0000700000300000, 1, 73, y",
    "lower table leads nowhere,   3007F8, 0000700000301027, 1, 70, y",
    "FS entry not present,        3032B0, 00000005DEADB066, 1, 71, y",
    "U/S=0 above,                 3007F8, 0000000000301023, 1, 81, y",
    "U/S=0 before R/W=0,          3032B0, 00000005DEADB021, 2, 81, y",
    "R/W=0 above,                 3007F8, 0000000000301025, 2, 85, y",
    "R/W=0 before reserved,       3032B0, 00010005DEADB025, 2, 85, y",
    "FS entry above HAW,          3032B0, 00010005DEADB067, 1, 72, y",
    "PS at level 4,               3007F8, 00000000003010A7, 1, 72, y",
    "misaligned 2M,               3028D0, 00000005DE0020E7, 1, 72, y",
    "misaligned 1G,               301020, 00000005C02000E7, 1, 72, y",
    "output in interrupt range,   3032B0, 00000000FEE01067, 2, 87, y",
  })
  void firstStageFaults(
      String what, String address, String word, int access, String code, String qualified) {
    TestMemory memory = Fixture.scalable().at(Long.parseLong(address, 16), hex(word));
    int reason = Integer.parseInt(code, 16);
    assertThat(askPasid(memory, access)).isEqualTo(Answer.fault(reason));
    memory.at(0x11_0520, memory.load64(0x11_0520) | 2);
    assertThat(askPasid(memory, access))
        .as("with FPD in the context entry")
        .isEqualTo("y".equals(qualified) ? Answer.blocked(reason) : Answer.fault(reason));
  }

  @ParameterizedTest(name = "{0}: {1} = {2}, access {3}: {4}")
  @CsvSource({
    // without PASID: RID_PASID 0, second stage
    "SSPTPTR above HAW,         131000, 0001000000200089, 1, 5A",
    "AW not in SAGAW,           131000, 000000000020008D, 1, 5B",
    "AW of 2 levels,            131000, 0000000000200081, 1, 5B",
    "beyond AW,                 131000, 0000000000200085, 1, 84",
    "top table leads nowhere,   131000, 0000700000200089, 1, 7B",
    "lower table leads nowhere, 200120, 0000700000201003, 1, 78",
    "not present read,          203C48, 000000089ABCD000, 1, 79",
    "not present write,         203C48, 000000089ABCD000, 2, 79",
    "read-only write,           203C48, 000000089ABCD001, 2, 85",
    "write-only read,           203C48, 000000089ABCD002, 1, 86",
    "bit 62,                    203C48, 400000089ABCD003, 1, 7A",
    "SNP without SC,            203C48, 000000089ABCD803, 1, 7A",
    "output in interrupt range, 203C48, 00000000FEE01003, 2, 87",
  })
  void secondStageFaults(String what, String address, String word, int access, String code) {
    TestMemory memory = Fixture.scalable().at(Long.parseLong(address, 16), hex(word));
    int reason = Integer.parseInt(code, 16);
    assertThat(askRid(memory, access)).isEqualTo(Answer.fault(reason));
  }

  @ParameterizedTest(name = "FPD in {0}")
  @CsvSource({
    "the context entry,   110520, 000000000012001F",
    "the directory entry, 120240, 0000000000130003",
    "the table entry,     130D00, 000000000000004B",
  })
  void eachFpdAlone(String where, String address, String word) {
    TestMemory memory =
        Fixture.scalable().at(Long.parseLong(address, 16), hex(word)).at(0x30_32B0, 0x5_DEAD_B066L);
    assertThat(askPasid(memory, READ)).isEqualTo(Answer.blocked(0x71));
  }

  @Test
  void fpdCountsEvenWithoutP() {
    TestMemory memory = Fixture.scalable().at(0x13_0D00, 0x2L);
    assertThat(askPasid(memory, READ)).isEqualTo(Answer.blocked(0x59));
  }

  @Test
  void pasidAtTheEdgeOfTheDirectory() {
    DmaRequest last = new DmaRequest().set(Fixture.SID, (1 << 13) - 1, FIRST, 4, READ);
    assertThat(ask(Fixture.scalable(), Fixture.SCALABLE, last)).isEqualTo(Answer.fault(0x51));
    DmaRequest beyond = new DmaRequest().set(Fixture.SID, 1 << 13, FIRST, 4, READ);
    assertThat(ask(Fixture.scalable(), Fixture.SCALABLE, beyond)).isEqualTo(Answer.fault(0x46));
  }

  @Test
  void ridPasidCountsOnlyWithRps() {
    TestMemory memory = Fixture.scalable().at(0x11_0528, 0x1234L);
    assertThat(askRid(memory, READ)).isEqualTo(Answer.ok(0x8_9ABC_DABCL, 12, READ | WRITE));
    Capabilities rps =
        new Capabilities(0x10, Fixture.SCALABLE.cap(), Fixture.SCALABLE.ecap() | 1L << 49, 48);
    assertThat(ask(memory, rps, Fixture.request(FIRST, READ)))
        .isEqualTo(Answer.ok(0x5_DEAD_BABCL, 12, READ | WRITE));
    memory.at(0x11_0528, 0x2000L);
    assertThat(ask(memory, rps, Fixture.request(FIRST, READ))).isEqualTo(Answer.fault(0x48));
  }

  @Test
  void requestsThatNeedWhatIsNotOffered() {
    DmaRequest execute = Fixture.withPasid(FIRST, EXECUTE);
    assertThat(ask(Fixture.scalable(), Fixture.SCALABLE, execute)).isEqualTo(Answer.fault(0x5C));
    DmaRequest supervisor = Fixture.withPasid(FIRST, READ).privileged(true);
    assertThat(ask(Fixture.scalable(), Fixture.SCALABLE, supervisor)).isEqualTo(Answer.fault(0x5D));
    DmaRequest ats = Fixture.withPasid(FIRST, READ).addressType(DmaRequest.AT_TRANSLATION_REQUEST);
    assertThat(ask(Fixture.scalable(), Fixture.SCALABLE, ats)).isEqualTo(Answer.fault(0x44));
  }

  @Test
  void canonicalAddresses() {
    TestMemory memory = Fixture.scalable();
    assertThat(ask(memory, Fixture.SCALABLE, Fixture.withPasid(0x0000_8000_0000_0000L, READ)))
        .isEqualTo(Answer.fault(0x80));
    assertThat(ask(memory, Fixture.SCALABLE, Fixture.withPasid(0xFFFF_8000_0000_0000L, READ)))
        .isEqualTo(Answer.fault(0x71));
    assertThat(ask(memory, Fixture.SCALABLE, Fixture.withPasid(0x0000_7FFF_FFFF_F000L, READ)))
        .isEqualTo(Answer.fault(0x71));
  }

  @Test
  void accessedAtEveryLevelDirtyOnlyInTheLeafOfAWrite() {
    TestMemory memory =
        Fixture.scalable()
            .at(0x30_07F8, 0x30_1007L)
            .at(0x30_1020, 0x30_2007L)
            .at(0x30_28D0, 0x30_3007L)
            .at(0x30_32B0, 0x5_DEAD_B007L);
    Map<Long, Long> before = memory.snapshot();
    Translator translator = Fixture.translator(memory, Fixture.SCALABLE);
    translator.probe(Fixture.withPasid(FIRST, WRITE), Fixture.SCALABLE_MODE);
    assertThat(memory.snapshot()).as("a probe marks nothing").isEqualTo(before);
    translator.translate(Fixture.withPasid(FIRST, READ), Fixture.SCALABLE_MODE);
    assertThat(memory.load64(0x30_07F8)).isEqualTo(0x30_1027L);
    assertThat(memory.load64(0x30_1020)).isEqualTo(0x30_2027L);
    assertThat(memory.load64(0x30_28D0)).isEqualTo(0x30_3027L);
    assertThat(memory.load64(0x30_32B0)).isEqualTo(0x5_DEAD_B027L);
    translator.translate(Fixture.withPasid(FIRST, WRITE), Fixture.SCALABLE_MODE);
    assertThat(memory.load64(0x30_32B0))
        .as("a write through an entry that a read has cached")
        .isEqualTo(0x5_DEAD_B067L);
    assertThat(memory.load64(0x30_28D0)).isEqualTo(0x30_3027L);
  }

  @Test
  void upperLevelsAreMarkedBeforeALowerOneFaults() {
    TestMemory memory = Fixture.scalable().at(0x30_07F8, 0x30_1007L).at(0x30_1020, 0x30_2006L);
    Translator translator = Fixture.translator(memory, Fixture.SCALABLE);
    translator.translate(Fixture.withPasid(FIRST, READ), Fixture.SCALABLE_MODE);
    assertThat(memory.load64(0x30_07F8)).isEqualTo(0x30_1027L);
    assertThat(memory.load64(0x30_1020)).isEqualTo(0x30_2006L);
  }

  @Test
  void anEntryThatChangesUnderTheUpdateIsJudgedAnew() {
    TestMemory memory = Fixture.scalable().at(0x30_32B0, 0x5_DEAD_B007L);
    memory.beforeExchange = () -> memory.at(0x30_32B0, 0x5_DEAD_B005L);
    Translator translator = Fixture.translator(memory, Fixture.SCALABLE);
    DmaRequest write = Fixture.withPasid(FIRST, WRITE);
    assertThat(Fixture.answer(write, translator.translate(write, Fixture.SCALABLE_MODE)))
        .isEqualTo(Answer.fault(0x85));
    assertThat(memory.load64(0x30_32B0)).isEqualTo(0x5_DEAD_B005L);
  }

  @Test
  void anEntryThatNeverHoldsStillFailsTheUpdate() {
    TestMemory memory = Fixture.scalable().at(0x30_32B0, 0x5_DEAD_B007L);
    long[] software = {0};
    memory.beforeExchange =
        () -> memory.at(0x30_32B0, 0x5_DEAD_B007L | (++software[0] & 0x3FF) << 52);
    Translator translator = Fixture.translator(memory, Fixture.SCALABLE);
    DmaRequest write = Fixture.withPasid(FIRST, WRITE);
    assertThat(Fixture.answer(write, translator.translate(write, Fixture.SCALABLE_MODE)))
        .isEqualTo(Answer.fault(0x91));
  }

  @Test
  void executeDisableIsIgnoredForData() {
    TestMemory memory = Fixture.scalable().at(0x30_32B0, 0x8000_0005_DEAD_B067L);
    assertThat(askPasid(memory, WRITE)).isEqualTo(Answer.ok(0x5_DEAD_BABCL, 12, READ | WRITE));
  }

  private static long hex(String word) {
    return Long.parseUnsignedLong(word, 16);
  }
}
