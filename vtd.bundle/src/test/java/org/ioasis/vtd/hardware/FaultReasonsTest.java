package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.MsiMessage;
import org.ioasis.api.machine.PageRequest;
import org.ioasis.vtd.format.FaultReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every fault reason by a request that meets it, seen as the record that software reads; a table
 * that is compared with the enum, so that none is forgotten. With FPD of the context entry set, the
 * qualified ones leave no record and the others do.
 */
class FaultReasonsTest {
  /** Reasons that exist in the specification under conditions that nobody here knows. */
  private static final Set<FaultReason> UNKNOWN =
      EnumSet.of(FaultReason.RTA_4, FaultReason.SGN_9, FaultReason.SGN_10);

  /** A second agent must keep changing an entry: see the tests of the updates themselves. */
  private static final Map<FaultReason, String> ELSEWHERE =
      Map.of(
          FaultReason.SFS_10, "ScalableWalkTest.anEntryThatNeverHoldsStillFailsTheUpdate",
          FaultReason.SSS_6, "PrivilegeAndMarksTest.updatesThatNeverSucceed");

  private static final int SID = 0x329, R = DmaRequest.READ, W = DmaRequest.WRITE;
  private static final int X = DmaRequest.EXECUTE;
  private static final long NOWHERE = 0x7000_0000_0000L;
  private static final long LEAF = 0x20_3C48L, FIRST_LEAF = 0x30_3000 + 0x056 * 8;
  private static final long PASID_ENTRY = 0x13_0D00L, RID_ENTRY = 0x13_1000L;
  private static final long IRTE = 0x16_0000L + 16 * 0x38;

  /** A unit, its memory, and a request. */
  private static final class Case {
    final Rig rig = Rig.full();
    private boolean quiet;

    Case legacy() {
      Fixture.legacy().snapshot().forEach((address, word) -> rig.poke(address, word));
      rig.w64(0x20, 0x10_0000L);
      return this;
    }

    Case scalable() {
      Fixture.scalable().snapshot().forEach((address, word) -> rig.poke(address, word));
      rig.w64(0x20, 0x10_0400L);
      return this;
    }

    Case nested() {
      new NestedTables().memory.snapshot().forEach((address, word) -> rig.poke(address, word));
      rig.w64(0x20, 0x10_0400L);
      return this;
    }

    Case interrupts(long lo, long hi) {
      legacy().put(IRTE, lo | (quiet ? 2 : 0), hi);
      rig.w64(0xB8, 0x16_080FL);
      return this;
    }

    Case put(long address, long... words) {
      rig.poke(address, words);
      return this;
    }

    Case or(long address, long bits) {
      return put(address, rig.peek(address) | bits);
    }

    Case clear(long address, long bits) {
      return put(address, rig.peek(address) & ~bits);
    }

    private void enable() {
      if (quiet) {
        boolean scalable = (rig.r64(0x20) & 0x400) != 0;
        or(scalable ? 0x11_0520L : 0x10_1290L, 2);
      }
      rig.w32(0x18, 0x4100_0000L);
      rig.w32(0x18, 0x8200_0000L);
    }

    void ask(DmaRequest request) {
      enable();
      rig.unit.translate(request);
    }

    void read() {
      ask(Fixture.request(Fixture.SECOND_STAGE_IOVA, R));
    }

    void write() {
      ask(Fixture.request(Fixture.SECOND_STAGE_IOVA, W));
    }

    void first(int access) {
      ask(Fixture.withPasid(Fixture.FIRST_STAGE_IOVA, access));
    }

    void page() {
      enable();
      rig.unit.pageRequest(new PageRequest(SID, DmaRequest.NO_PASID, 0x1000, R, false, 1, false));
    }

    void interrupt(long address) {
      enable();
      rig.unit.remapInterrupt(new MsiMessage().set(SID, address, 0));
    }
  }

  private static final Map<FaultReason, Consumer<Case>> CASES = new LinkedHashMap<>();

  private static final long REMAPPABLE = 0xFEE0_0718L;
  private static final long IRTE_LO = 0x0001_2345_0031_0009L, IRTE_HI = 0x4_0329L;

  // spotless:off
  static {
    on(FaultReason.LRT_2, c -> c.legacy().put(0x10_0030, 0).read());
    on(FaultReason.LCT_2, c -> c.legacy().put(0x10_1290, 0).read());
    on(FaultReason.LCT_4, c -> c.legacy().put(0x10_1298, 0x4207).read());
    on(FaultReason.LGN_1, c -> c.legacy().ask(Fixture.request(1L << 48, R)));
    on(FaultReason.LGN_2, c -> c.legacy().clear(LEAF, 2).write());
    on(FaultReason.LGN_3, c -> c.legacy().clear(LEAF, 1).read());
    on(FaultReason.LSL_1, c -> c.legacy().put(0x20_1688, NOWHERE | 3).read());
    on(FaultReason.LRT_1, c -> { c.rig.w64(0x20, NOWHERE); c.read(); });
    on(FaultReason.LCT_1, c -> c.legacy().put(0x10_0030, NOWHERE | 1).read());
    on(FaultReason.LRT_3, c -> c.legacy().or(0x10_0030, 2).read());
    on(FaultReason.LCT_3, c -> c.legacy().or(0x10_1290, 0x10).read());
    on(FaultReason.LSL_2, c -> c.legacy().or(LEAF, 1L << 62).read());
    on(FaultReason.LCT_5, c -> c.legacy().ask(Fixture.request(0x1000, R).addressType(2)));
    on(FaultReason.LGN_4, c -> c.legacy().put(LEAF, 0xFEE0_0003L).read());

    on(FaultReason.IR_20, c -> c.interrupts(IRTE_LO, IRTE_HI).interrupt(0x1_FEE0_0718L));
    on(FaultReason.IR_21, c -> { c.interrupts(IRTE_LO, IRTE_HI).rig.w64(0xB8, 0x16_0803L); c.interrupt(REMAPPABLE); });
    on(FaultReason.IR_22, c -> c.interrupts(IRTE_LO & ~1, IRTE_HI).interrupt(REMAPPABLE));
    on(FaultReason.IR_23, c -> { c.interrupts(IRTE_LO, IRTE_HI).rig.w64(0xB8, NOWHERE | 0x80F); c.interrupt(REMAPPABLE); });
    on(FaultReason.IR_24, c -> c.interrupts(IRTE_LO | 0x1000, IRTE_HI).interrupt(REMAPPABLE));
    on(FaultReason.IR_25, c -> c.interrupts(IRTE_LO, IRTE_HI).interrupt(0xFEE0_0708L));
    on(FaultReason.IR_26, c -> c.interrupts(IRTE_LO, IRTE_HI + 1).interrupt(REMAPPABLE));
    on(FaultReason.IR_27, c -> c.interrupts(0x0000_0000_0041_8001L, 0x7000_0004_0329L).interrupt(REMAPPABLE));
    on(FaultReason.IR_28, c -> c.interrupts(0x0018_0000_0041_8001L, 0x4_0329L).put(0x18_0020L, 4).interrupt(REMAPPABLE));
    on(FaultReason.IR_29, c -> c.legacy().ask(Fixture.request(0xFEE0_0000L, R)));

    on(FaultReason.RTA_1, c -> { c.legacy().rig.w64(0x20, 0x10_0800L); c.read(); });
    on(FaultReason.RTA_2, c -> c.legacy().first(R));
    on(FaultReason.RTA_3, c -> c.legacy().page());
    on(FaultReason.SRT_1, c -> { c.rig.w64(0x20, NOWHERE | 0x400); c.read(); });
    on(FaultReason.SRT_2, c -> c.scalable().put(0x10_0030, 0).read());
    on(FaultReason.SRT_3, c -> c.scalable().or(0x10_0030, 2).read());
    on(FaultReason.SCT_1, c -> c.scalable().put(0x10_0030, NOWHERE | 1).read());
    on(FaultReason.SCT_2, c -> c.scalable().clear(0x11_0520, 1).read());
    on(FaultReason.SCT_3, c -> c.scalable().or(0x11_0520, 0x20).read());
    on(FaultReason.SCT_4, c -> c.scalable().clear(0x11_0520, 4).read());
    on(FaultReason.SCT_5, c -> c.scalable().clear(0x11_0520, 0x14).ask(Fixture.request(0x1000, R).addressType(1)));
    on(FaultReason.SCT_6, c -> c.scalable().clear(0x11_0520, 8).first(R));
    on(FaultReason.SCT_7, c -> c.scalable().ask(new DmaRequest().set(SID, 0x2000, 0, 4, R)));
    on(FaultReason.SCT_8, c -> c.scalable().clear(0x11_0520, 0x10).page());
    on(FaultReason.SCT_9, c -> c.scalable().put(0x11_0528, 0x2000).read());
    on(FaultReason.SPD_1, c -> c.scalable().put(0x11_0520, NOWHERE | 0x1D).read());
    on(FaultReason.SPD_2, c -> c.scalable().put(0x12_0000, 0).read());
    on(FaultReason.SPD_3, c -> c.scalable().or(0x12_0000, 4).read());
    on(FaultReason.SPT_1, c -> c.scalable().put(0x12_0000, NOWHERE | 1).read());
    on(FaultReason.SPT_2, c -> c.scalable().clear(RID_ENTRY, 1).read());
    on(FaultReason.SPT_3, c -> c.scalable().or(RID_ENTRY, 0x400).read());
    on(FaultReason.SPT_4, c -> c.scalable().put(RID_ENTRY, 0x20_0009L).read());
    on(FaultReason.SPT_5, c -> c.scalable().first(X));
    on(FaultReason.SPT_6, c -> c.scalable().ask(Fixture.withPasid(Fixture.FIRST_STAGE_IOVA, R).privileged(true)));
    on(FaultReason.SFS_1, c -> c.scalable().put(0x30_1000 + 0x004 * 8, NOWHERE | 0x27).first(R));
    on(FaultReason.SFS_2, c -> c.scalable().clear(FIRST_LEAF, 1).first(R));
    on(FaultReason.SFS_3, c -> c.scalable().or(0x30_0000 + 0x0FF * 8, 0x80).first(R));
    on(FaultReason.SFS_4, c -> c.scalable().put(PASID_ENTRY + 16, NOWHERE).first(R));
    on(FaultReason.SFS_5, c -> c.nested().put(PASID_ENTRY + 16, 1L << 50).first(R));
    on(FaultReason.SFS_6, c -> c.nested().clear(NestedTables.secondEntry(4, 1), 1).first(R));
    on(FaultReason.SFS_7, c -> c.nested().clear(NestedTables.secondEntry(2, 1), 1).first(R));
    on(FaultReason.SFS_8, c -> c.nested().clear(NestedTables.secondEntry(2, 1), 2).clear(NestedTables.FIRST_ENTRIES[1], 0x20).first(R));
    on(FaultReason.SSS_1, c -> c.scalable().put(0x20_1688, NOWHERE | 3).read());
    on(FaultReason.SSS_2, c -> c.scalable().put(LEAF, 0).read());
    on(FaultReason.SSS_3, c -> c.scalable().or(LEAF, 1L << 62).read());
    on(FaultReason.SSS_4, c -> c.scalable().put(RID_ENTRY, NOWHERE | 0x89).read());
    on(FaultReason.SSS_5, c -> c.scalable().or(RID_ENTRY, 0x200).put(RID_ENTRY + 8, 0x42).read());
    on(FaultReason.SGN_1, c -> c.scalable().ask(Fixture.withPasid(1L << 47, R)));
    on(FaultReason.SGN_2, c -> c.scalable().clear(FIRST_LEAF, 4).first(R));
    on(FaultReason.SGN_3, c -> c.scalable().put(PASID_ENTRY + 16, 0x30_0022L).or(FIRST_LEAF, 1L << 63).first(X));
    on(FaultReason.SGN_4, c -> c.scalable().put(RID_ENTRY, 0x109).ask(Fixture.request(1L << 52, R)));
    on(FaultReason.SGN_5, c -> c.scalable().ask(Fixture.request(1L << 48, R)));
    on(FaultReason.SGN_6, c -> c.scalable().clear(LEAF, 2).write());
    on(FaultReason.SGN_7, c -> c.scalable().clear(LEAF, 1).read());
    on(FaultReason.SGN_8, c -> c.scalable().put(LEAF, 0xFEE0_0003L).read());
    on(FaultReason.SFS_9, c -> c.scalable().put(PASID_ENTRY + 8, 1).clear(FIRST_LEAF, 0x20).first(R));
  }

  // spotless:on

  private static void on(FaultReason reason, Consumer<Case> scenario) {
    assertThat(CASES.put(reason, scenario)).isNull();
  }

  @Test
  void noneIsForgotten() {
    Set<FaultReason> covered = EnumSet.copyOf(CASES.keySet());
    covered.addAll(UNKNOWN);
    covered.addAll(ELSEWHERE.keySet());
    assertThat(covered).isEqualTo(EnumSet.allOf(FaultReason.class));
    ELSEWHERE.values().forEach(CornerCasesTest::checkExists);
  }

  static Stream<FaultReason> reasons() {
    return CASES.keySet().stream();
  }

  /** Reason in the record of FRCD 0, -1 if there is none. */
  private static int recorded(Rig rig) {
    long high = rig.r64(0x228);
    return high < 0 ? (int) (high >>> 32) & 0xFF : -1;
  }

  @ParameterizedTest
  @MethodSource("reasons")
  void isRecorded(FaultReason reason) {
    Case scenario = new Case();
    CASES.get(reason).accept(scenario);
    assertThat(recorded(scenario.rig)).isEqualTo(reason.code);
    assertThat(scenario.rig.r32(0x34) & 2).as("PPF").isEqualTo(2);
    assertThat(scenario.rig.unit.counters()).containsEntry("faults.recorded", 1L);
  }

  /** What FPD of the entry that is read then does to the record. */
  @ParameterizedTest
  @MethodSource("reasons")
  void isQualifiedAsTheTableSays(FaultReason reason) {
    Case scenario = new Case();
    scenario.quiet = true;
    CASES.get(reason).accept(scenario);
    assertThat(recorded(scenario.rig)).isEqualTo(reason.qualified ? -1 : reason.code);
  }
}
