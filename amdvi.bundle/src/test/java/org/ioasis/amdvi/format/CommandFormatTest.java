package org.ioasis.amdvi.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.ioasis.kit.layout.Layout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commands against the literal words of the fact sheet, sections "Commands" and "Invalidate". */
class CommandFormatTest {
  private static final Map<Integer, Layout> LAYOUTS =
      Map.of(
          1, CompletionWait.LAYOUT,
          2, InvalidateDevtabEntry.LAYOUT,
          3, InvalidateIommuPages.LAYOUT,
          4, InvalidateIotlbPages.LAYOUT,
          5, InvalidateInterruptTable.LAYOUT,
          6, PrefetchIommuPages.LAYOUT,
          7, CompletePprRequest.LAYOUT,
          8, InvalidateIommuAll.LAYOUT);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          100000010000C001 | 1122334455667788 | s=1 i=0 f=0 StoreAddress=0x10000c000 Opcode=1 StoreData=0x1122334455667788
          100000010000C003 | 1122334455667788 | s=1 i=1 f=0 StoreAddress=0x10000c000 Opcode=1 StoreData=0x1122334455667788
          2000000000000340 | 0                | DeviceID=0x340 Opcode=2
          3000004200000000 | 0000001234567002 | PASID=0 DomainID=0x42 Opcode=3 S=0 PDE=1 GN=0 Address=0x1234567000
          3000007700012345 | 0000001234587007 | PASID=0x12345 DomainID=0x77 Opcode=3 S=1 PDE=1 GN=1 Address=0x1234587000
          4145034020230340 | 0000001234587005 | DeviceID=0x340 PASID[15:8]=0x23 MaxPend=0x20 QueueID=0x340 PASID[7:0]=0x45 PASID[19:16]=1 Opcode=4 S=1 GN=1 Type=0 Address=0x1234587000
          5000000000000340 | 0                | DeviceID=0x340 Opcode=5
          6001234504000340 | 0000001234580004 | DeviceID=0x340 PFCount=4 PASID=0x12345 Opcode=6 S=0 GN=1 Inval=0 Address=0x1234580000
          7001234500000340 | 000000A500000004 | DeviceID=0x340 PASID=0x12345 Opcode=7 GN=1 CompletionTag[8:0]=0xa5 CompletionTag[11:9]=0 CompletionTag[15:12]=0
          7001234500000340 | 0000F0A500000004 | DeviceID=0x340 PASID=0x12345 Opcode=7 GN=1 CompletionTag[8:0]=0xa5 CompletionTag[11:9]=0 CompletionTag[15:12]=0xf
          7001234500000340 | 000010A500000004 | DeviceID=0x340 PASID=0x12345 Opcode=7 GN=1 CompletionTag[8:0]=0xa5 CompletionTag[11:9]=0 CompletionTag[15:12]=1
          8000000000000000 | 0                | Opcode=8
          """)
  void fieldsOfKnownCommands(String word0, String word1, String fields) {
    long lo = hex(word0);
    assertThat(LAYOUTS.get(Command.opcode(lo)).format(lo, hex(word1))).isEqualTo(fields);
  }

  /** The masks of another model that keeps close to the specification. */
  @ParameterizedTest
  @CsvSource({
    "1, F00FFFFFFFFFFFFF, FFFFFFFFFFFFFFFF",
    "2, F00000000000FFFF, 0",
    "3, F000FFFF000FFFFF, FFFFFFFFFFFFF007",
    "5, F00000000000FFFF, 0",
    "8, F000000000000000, 0"
  })
  void whatIsNotReserved(int opcode, String word0, String word1) {
    Layout layout = LAYOUTS.get(opcode);
    assertThat(~layout.reserved(0)).isEqualTo(hex(word0));
    assertThat(~layout.reserved(1)).isEqualTo(hex(word1));
  }

  @Test
  void builtAsTheOperatingSystemBuildsThem() {
    assertThat(CompletionWait.store(0x10000C000L, false)).isEqualTo(0x100000010000C001L);
    assertThat(CompletionWait.store(0x10000C000L, true)).isEqualTo(0x100000010000C003L);
    assertThat(InvalidateDevtabEntry.of(0x340)).isEqualTo(0x2000000000000340L);
    assertThat(InvalidateIommuPages.word0(0x77, 0x12345)).isEqualTo(0x3000007700012345L);
    assertThat(InvalidateIotlbPages.word0(0x340, 0x12345, 0x340, 0x20))
        .isEqualTo(0x4145034020230340L);
    assertThat(InvalidateIotlbPages.pasid(0x4145034020230340L)).isEqualTo(0x12345);
    assertThat(InvalidateIotlbPages.word1(0x1234587001L, true)).isEqualTo(0x1234587005L);
    assertThat(InvalidateInterruptTable.of(0x340)).isEqualTo(0x5000000000000340L);
    assertThat(CompletePprRequest.word0(0x340, 0x12345)).isEqualTo(0x7001234500000340L);
    assertThat(CompletePprRequest.word1(0xA5, CompletePprRequest.FAILURE, true))
        .isEqualTo(0x0000F0A500000004L);
    assertThat(InvalidateIommuAll.WORD0).isEqualTo(0x8000000000000000L);
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          # word 1,         first,        last,       lg2
          0000001234567002, 1234567000,   1234567FFF, 12
          0000001234587003, 1234580000,   123458FFFF, 16
          00000012344FF003, 1234400000,   12345FFFFF, 21
          0000000000001003, 0,            3FFF,       14
          0000000000000003, 0,            1FFF,       13
          7FFFFFFFFFFFF003, 0,    FFFFFFFFFFFFFFFF,   64
          FFFFFFFFFFFFF003, 0,    FFFFFFFFFFFFFFFF,   64
          0007FFFFFFFFF003, 0,    FFFFFFFFFFFFFFFF,   64
          0003FFFFFFFFF003, 0,    0007FFFFFFFFFFFF,   51
          FFF0000000000003, FFF0000000000000, FFF0000000001FFF, 13
          """)
  void rangeOfAnInvalidation(String word1, String first, String last, int sizeLg2) {
    assertThat(InvalidationAddress.sizeLg2(hex(word1))).isEqualTo(sizeLg2);
    assertThat(InvalidationAddress.base(hex(word1))).isEqualTo(hex(first));
    assertThat(InvalidationAddress.last(hex(word1))).isEqualTo(hex(last));
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          # first,      last,          address and S
          1234567000,   1234567FFF,    1234567000
          1234580000,   123458FFFF,    1234587001
          1234400000,   12345FFFFF,    12344FF001
          1000,         2FFF,          1001
          0,            FFFFFFFFFFFFFFFF, 7FFFFFFFFFFFF001
          7FFFFFFFFF000, 8000000000FFF,   7FFFFFFFFFFFF001
          1234567123,   1234567123,    1234567000
          """)
  void smallestRangeThatCovers(String first, String last, String word1) {
    assertThat(InvalidationAddress.of(hex(first), hex(last))).isEqualTo(hex(word1));
  }

  @Test
  void names() {
    assertThat(Command.name(3)).isEqualTo("INVALIDATE_IOMMU_PAGES");
    assertThat(Command.name(0)).isEqualTo("OPCODE_0");
    assertThat(Command.name(0xB)).isEqualTo("OPCODE_B");
  }

  private static long hex(String digits) {
    return Long.parseUnsignedLong(digits, 16);
  }
}
