package org.ioasis.smmuv3.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Event and PRI records against words that another implementation's macros give. */
class EventLayoutTest {
  @ParameterizedTest(name = "{4}")
  @CsvSource({
    "0000123400003810, 0000020080000007, 0000123456789ABC, 0, 'Number=0x10 SSV=1 SubstreamID=3"
        + " StreamID=0x1234 STAG=7 Stall=1 PnU=0 InD=0 RnW=0 NSIPA=0 S2=0 CLASS=2 TTRnW=0 IMPDEF=0"
        + " InputAddr=0x123456789abc IPA=0x0'",
    "0000123400000010, 0000018800000000, 0000123456789ABC, 0000000845602000, 'Number=0x10 SSV=0"
        + " SubstreamID=0 StreamID=0x1234 STAG=0 Stall=0 PnU=0 InD=0 RnW=1 NSIPA=0 S2=1 CLASS=1"
        + " TTRnW=0 IMPDEF=0 InputAddr=0x123456789abc IPA=0x845602000'",
    "0000123400000013, 0000118000000000, 1000, 0000000845602000, 'Number=0x13 SSV=0 SubstreamID=0"
        + " StreamID=0x1234 STAG=0 Stall=0 PnU=0 InD=0 RnW=0 NSIPA=0 S2=1 CLASS=1 TTRnW=1 IMPDEF=0"
        + " InputAddr=0x1000 IPA=0x845602000'",
    "0000123400000003, 0, 0, 00000008A0001238, 'Number=3 SSV=0 SubstreamID=0 StreamID=0x1234"
        + " Reason=0 GPCF=0 PnU=0 InD=0 RnW=0 S2=0 CLASS=0 IMPDEF=0 InputAddr=0x0"
        + " FetchAddr=0x8a0001238'",
    "000012340000380A, 0, 0, 0, 'Number=0xa SSV=1 SubstreamID=3 StreamID=0x1234 Reason=0 GPCF=0"
        + " PnU=0 InD=0 RnW=0 S2=0 CLASS=0 IMPDEF=0 InputAddr=0x0 FetchAddr=0x0'",
    "0000123400000005, 00000000C0000003, 5000, 0, 'Number=5 SSV=0 SubstreamID=0 StreamID=0x1234"
        + " Span=3 P=0 X=0 W=1 R=1 IMPDEF=0 InputAddr=0x5000'",
  })
  @DisplayName("a record's words read as its fields")
  void records(String q0, String q1, String q2, String q3, String fields) {
    long word0 = Long.parseUnsignedLong(q0, 16);
    assertThat(
            Event.layout(word0)
                .format(
                    word0,
                    Long.parseUnsignedLong(q1, 16),
                    Long.parseUnsignedLong(q2, 16),
                    Long.parseUnsignedLong(q3, 16)))
        .isEqualTo(fields);
  }

  @ParameterizedTest
  @CsvSource({
    "1, F_UUT",
    "2, C_BAD_STREAMID",
    "3, F_STE_FETCH",
    "4, C_BAD_STE",
    "5, F_BAD_ATS_TREQ",
    "6, F_STREAM_DISABLED",
    "7, F_TRANSL_FORBIDDEN",
    "8, C_BAD_SUBSTREAMID",
    "9, F_CD_FETCH",
    "10, C_BAD_CD",
    "11, F_WALK_EABT",
    "16, F_TRANSLATION",
    "17, F_ADDR_SIZE",
    "18, F_ACCESS",
    "19, F_PERMISSION",
    "32, F_TLB_CONFLICT",
    "33, F_CFG_CONFLICT",
    "36, E_PAGE_REQUEST",
    "37, F_VMS_FETCH",
  })
  @DisplayName("event numbers")
  void numbers(int number, EventType type) {
    assertThat(EventType.of(number)).isEqualTo(type);
    assertThat(type.isTranslationFault()).isEqualTo(number >= 16 && number <= 19);
  }

  @Test
  @DisplayName("numbers that are no event")
  void noEvent() {
    assertThat(EventType.of(0)).isNull();
    assertThat(EventType.of(0x14)).isNull();
    assertThat(EventType.of(-1)).isNull();
    assertThat(EventType.of(0x100)).isNull();
  }

  @Test
  @DisplayName("a PRI record")
  void pageRequest() {
    assertThat(PriRecord.LAYOUT.format(0xF000_0003_0000_1234L, 0x0000_1234_5678_9055L))
        .isEqualTo(
            "StreamID=0x1234 SubstreamID=3 Priv=0 X=0 R=1 W=1 Last=1 SSV=1 PRGIndex=0x55"
                + " Addr=0x123456789000");
    assertThat(PriRecord.isStopMarker(0xC000_0003_0000_1234L)).isTrue();
    assertThat(PriRecord.isStopMarker(0xD000_0003_0000_1234L)).isFalse();
    assertThat(PriRecord.isStopMarker(0x4000_0000_0000_1234L)).isFalse();
  }
}
