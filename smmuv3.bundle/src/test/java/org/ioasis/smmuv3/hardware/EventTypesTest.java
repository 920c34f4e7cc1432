package org.ioasis.smmuv3.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import org.ioasis.smmuv3.format.EventType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every event that can happen, with what leads to it and its record in literal words. "Event queue
 * record formats".
 */
class EventTypesTest {
  /** Nothing in the model leads to these; FEATURES says so. */
  private static final Set<EventType> NEVER =
      EnumSet.of(
          EventType.F_UUT,
          EventType.F_TLB_CONFLICT,
          EventType.F_CFG_CONFLICT,
          EventType.E_PAGE_REQUEST,
          EventType.F_VMS_FETCH);

  /** Of translation requests and translated transactions: corner cases 83 and 84. */
  private static final Set<EventType> OF_ATS =
      EnumSet.of(EventType.F_BAD_ATS_TREQ, EventType.F_TRANSL_FORBIDDEN);

  private static final Set<EventType> SEEN = EnumSet.noneOf(EventType.class);

  /** Place: an address, or STRTAB_BASE; words at it; requester; SubstreamID or -1; access. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          C_BAD_STREAMID    | 100000 | 0                       | 256 | -1 | r | 10000000002 0 0 0
          F_STE_FETCH       | base   | 70000000                | 1   | -1 | r | 100000003 0 0 70000040
          C_BAD_STE         | 100040 | 0                       | 1   | -1 | r | 100000004 0 0 0
          F_STREAM_DISABLED | 100040 | 200000000030000b 0      | 1   | -1 | r | 100000006 0 0 0
          C_BAD_SUBSTREAMID | 100000 | 0                       | 1   | 5  | r | 100005008 0 0 0
          F_CD_FETCH        | 100040 | 7000000b                | 1   | -1 | r | 100000009 0 0 70000000
          C_BAD_CD          | 300000 | 0                       | 1   | -1 | r | 10000000a 0 0 0
          F_WALK_EABT       | 400120 | 70000003                | 1   | -1 | r | 10000000b 10800000000 123456789abc 70000688
          F_TRANSLATION     | 403c48 | 0                       | 1   | -1 | r | 100000010 20800000000 123456789abc 0
          F_ADDR_SIZE       | 400120 | 100401003               | 1   | -1 | w | 100000011 20000000000 123456789abc 0
          F_ACCESS          | 403c48 | 500b47                  | 1   | -1 | r | 100000012 20800000000 123456789abc 0
          F_PERMISSION      | 403c48 | 500fc7                  | 1   | -1 | w | 100000013 20000000000 123456789abc 0
          """)
  @DisplayName("records")
  void isRecorded(
      EventType type, String at, String words, int sid, int ssid, char access, String record) {
    Rig rig = Rig.full();
    if (type == EventType.F_ADDR_SIZE) {
      rig.poke(Rig.CD, 0x002A_E200_C000_3510L); // IPS of 32 bits
    }
    rig.w32(0x20, 0xC).w32(0x2C, 2); // RECINVSID is guarded by SMMUEN
    if (at.equals("base")) {
      rig.w64(0x80, Long.parseUnsignedLong(words, 16));
    } else {
      String[] values = words.split(" ", -1);
      for (int i = 0; i < values.length; i++) {
        rig.poke(Long.parseLong(at, 16) + 8L * i, Long.parseUnsignedLong(values[i], 16));
      }
    }
    rig.w32(0x20, 0xD);
    rig.ask(rig.request.set(sid, ssid, Rig.IOVA, 4, access == 'r' ? 1 : 2));
    assertThat(rig.events()).containsExactly(record);
    SEEN.add(type);
  }

  @AfterAll
  static void noneIsForgotten() {
    Set<EventType> all = EnumSet.copyOf(SEEN);
    all.addAll(NEVER);
    all.addAll(OF_ATS);
    assertThat(all).isEqualTo(EnumSet.allOf(EventType.class));
  }
}
