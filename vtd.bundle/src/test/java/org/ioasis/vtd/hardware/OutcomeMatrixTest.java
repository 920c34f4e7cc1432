package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.PageRequest;
import org.ioasis.api.machine.Translation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What becomes of each kind of request under each configuration: the fact sheet&#39;s matrix.
 * Cells: {@code id} the output is the input, {@code ss} and {@code fs} what the tables say, {@code
 * UR} unsupported request, {@code abort} without a record, a number the fault, {@code queue} a page
 * request in the queue.
 */
class OutcomeMatrixTest {
  private static final int SID = 0x329, R = DmaRequest.READ;
  private static final long IOVA = 0x7F81_2345_6ABCL;

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    // configuration,  U,     U+PASID, TR,  TR+PASID, TD,  PR
    "off,              id,    id,    UR,    UR,    UR,    UR",
    "legacy TT=0,      ss,    31,    d,     31,    d,     32",
    "legacy TT=1,      ss,    31,    ss,    31,    id,    32",
    "legacy TT=2,      id,    31,    d,     31,    d,     32",
    "legacy TT=3,      3,     31,    3,     31,    3,     32",
    "scalable DTE=0,   ss,    ss,    44,    44,    44,    47",
    "scalable PASIDE=0, ss,   45,    ss,    45,    id,    queue",
    "PGTT=1,           fs,    fs,    fs,    fs,    id,    queue",
    "PGTT=2,           ss,    ss,    ss,    ss,    id,    queue",
    "PGTT=3,           nest,  nest,  nest,  nest,  id,    queue",
    "PGTT=4,           id,    id,    id,    id,    id,    queue",
    "abort,            abort, abort, abort, abort, abort, UR",
    "reserved TTM,     30,    30,    30,    30,    30,    30",
  })
  void matrix(
      String configuration, String u, String up, String tr, String trp, String td, String pr) {
    assertThat(ask(configuration, false, DmaRequest.AT_UNTRANSLATED)).as("U").isEqualTo(u);
    assertThat(ask(configuration, true, DmaRequest.AT_UNTRANSLATED)).as("U, PASID").isEqualTo(up);
    assertThat(ask(configuration, false, DmaRequest.AT_TRANSLATION_REQUEST)).as("TR").isEqualTo(tr);
    assertThat(ask(configuration, true, DmaRequest.AT_TRANSLATION_REQUEST))
        .as("TR, PASID")
        .isEqualTo(trp);
    assertThat(ask(configuration, false, DmaRequest.AT_TRANSLATED)).as("TD").isEqualTo(td);
    assertThat(page(configuration)).as("PR").isEqualTo(pr);
  }

  private static Rig rig(String configuration) {
    Rig rig = Rig.full();
    NestedTables tables = new NestedTables();
    tables.memory.snapshot().forEach((address, word) -> rig.poke(address, word));
    secondStage(rig);
    long context = 0x12_001D;
    long root = 0x10_0400;
    if (configuration.startsWith("legacy")) {
      int type = configuration.charAt(configuration.length() - 1) - '0';
      rig.poke(0x10_0030, 0x10_1001L, 0);
      rig.poke(0x10_1290, 0x28_0001L | (long) type << 2, (type == 2 ? 3 : 2) | 0x4200);
      root = 0x10_0000;
    } else if (configuration.startsWith("PGTT")) {
      entries(rig, configuration.charAt(5) - '0');
    } else {
      entries(rig, 2);
    }
    if (configuration.endsWith("DTE=0")) {
      context &= ~0x14;
    } else if (configuration.endsWith("PASIDE=0")) {
      context &= ~8;
    } else if (configuration.equals("abort")) {
      root |= 0xC00;
    } else if (configuration.equals("reserved TTM")) {
      root = 0x10_0800;
    }
    if (!configuration.startsWith("legacy")) {
      rig.poke(0x11_0520, context);
    }
    rig.w64(0xD0, 0x17_0000L);
    rig.w64(0x20, root);
    rig.w32(0x18, configuration.equals("off") ? 0x4000_0000L : 0xC000_0000L);
    return rig;
  }

  /** Second-stage tables at 280000h that map the address, with a page of their own. */
  private static void secondStage(Rig rig) {
    rig.poke(0x28_0000 + 0xFF * 8, 0x28_1003L);
    rig.poke(0x28_1000 + 0x04 * 8, 0x28_2003L);
    rig.poke(0x28_2000 + 0x11A * 8, 0x28_3003L);
    rig.poke(0x28_3000 + 0x56 * 8, 0x2222_2003L);
    rig.poke(0x30_3000 + 0x56 * 8, 0x1111_1067L);
  }

  /** RID_PASID 0 and PASID 1234h of one type. */
  private static void entries(Rig rig, int type) {
    long[] words =
        switch (type) {
          case 1 -> new long[] {0x49, 0x80_0001L, 0x30_0000L};
          case 2 -> new long[] {0x28_0089L, 0x80_0042L, 0};
          case 3 -> new long[] {0x20_02C9L, 0x180_0042L, NestedTables.guest(4) | 0x90};
          default -> new long[] {0x109, 0x80_0001L, 0};
        };
    rig.poke(0x13_1000L, words);
    rig.poke(0x13_0D00L, words);
  }

  private static String ask(String configuration, boolean pasid, int addressType) {
    Rig rig = rig(configuration);
    DmaRequest request =
        (pasid ? Fixture.withPasid(IOVA, R) : Fixture.request(IOVA, R)).addressType(addressType);
    long answer = rig.unit.translate(request);
    if (Translation.isPresent(answer)) {
      long address = Translation.address(answer);
      return address == IOVA
          ? "id"
          : address == 0x2222_2ABCL
              ? "ss"
              : address == 0x1111_1ABCL
                  ? "fs"
                  : address == NestedTables.PAGE + 0xABC ? "nest" : Long.toHexString(address);
    }
    return switch (Translation.refusal(answer)) {
      case UNSUPPORTED -> "UR";
      case ABORTED -> "abort";
      default -> Integer.toHexString(request.faultCode());
    };
  }

  private static String page(String configuration) {
    Rig rig = rig(configuration);
    PageRequest request = new PageRequest(SID, DmaRequest.NO_PASID, 0x1000, R, false, 1, false);
    if (!rig.unit.pageRequest(request)) {
      return "UR";
    }
    long high = rig.r64(0x228);
    return high < 0 ? Long.toHexString(high >>> 32 & 0xFF) : rig.r64(0xC8) == 32 ? "queue" : "?";
  }

  /** Inputs at 2^X - 1 and 2^X, X the smaller of MGAW and what AW says. */
  @ParameterizedTest(name = "MGAW {0}, AW {1}")
  @CsvSource({
    "57, 1, 39",
    "57, 2, 48",
    "57, 3, 57",
    "48, 3, 48",
    "39, 2, 39",
    "40, 1, 39",
    "40, 3, 40"
  })
  void widths(int mgaw, int aw, int width) {
    long cap = (VtdProfiles.FULL_CAP & ~(0x3FL << 16)) | (long) (mgaw - 1) << 16;
    Capabilities can = new Capabilities(0x50, cap, VtdProfiles.FULL_ECAP, 48);
    long last = (1L << width) - 1;
    TestMemory legacy = Fixture.legacy().at(0x10_1298, 0x4200L | aw);
    TestMemory scalable = Fixture.scalable().at(0x13_1000L, 0x20_0081L | (long) aw << 2);
    String inside = Walkers.ask(legacy, can, Fixture.LEGACY_MODE, Fixture.request(last & -4, R));
    assertThat(inside).isEqualTo("fault 6");
    assertThat(Walkers.ask(legacy, can, Fixture.LEGACY_MODE, Fixture.request(last + 1, R)))
        .isEqualTo("fault 4");
    assertThat(Walkers.ask(scalable, can, Fixture.SCALABLE_MODE, Fixture.request(last & -4, R)))
        .isEqualTo("fault 79");
    assertThat(Walkers.ask(scalable, can, Fixture.SCALABLE_MODE, Fixture.request(last + 1, R)))
        .isEqualTo("fault 84");
  }

  /** Record fields with PRIV, EXE and types: the fact sheet's section 16.5. */
  @ParameterizedTest
  @CsvSource({
    // access, atomic, privileged, leaf, high word of the record
    "3, true,  true,  065, C0123485B0000329",
    "1, false, false, 000, C012347180000329",
    "2, false, false, 000, 8012347180000329",
    "4, false, false, X67, C0123482C0000329",
  })
  void records(int access, boolean atomic, boolean privileged, String leaf, String record) {
    Rig rig = rig("PGTT=1");
    rig.poke(0x13_0D10L, 0x30_0033L); // SRE, ERE, WPE, NXE
    long xd = leaf.startsWith("X") ? 1L << 63 : 0;
    rig.poke(0x30_3000 + 0x56 * 8, xd | 0x1111_1000L | Long.parseLong(leaf.replace('X', '0'), 16));
    rig.unit.translate(Fixture.withPasid(IOVA, access).atomic(atomic).privileged(privileged));
    assertThat(rig.r64(0x228)).isEqualTo(Long.parseUnsignedLong(record, 16));
    assertThat(rig.r64(0x220)).isEqualTo(IOVA & -0x1000);
  }
}
