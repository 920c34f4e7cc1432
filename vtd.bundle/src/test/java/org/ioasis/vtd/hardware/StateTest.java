package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.state.RegisterValue;
import org.ioasis.api.state.Section;
import org.ioasis.api.state.UnitState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** State import and export, and both resets. */
class StateTest {
  /** What an emulated machine in scalable mode had, some registers with deliberately odd values. */
  private static final List<RegisterValue> CAPTURED =
      List.of(
          new RegisterValue("VER", 0x00, 4, 0x10),
          new RegisterValue("CAP", 0x08, 8, 0x00D2_008C_222F_0686L),
          new RegisterValue("ECAP", 0x10, 8, 0x0000_4800_80F0_0F4AL),
          new RegisterValue("GCMD", 0x18, 4, 0x8000_0000L),
          new RegisterValue("GSTS", 0x1C, 4, 0xC700_0000L),
          new RegisterValue("RTADDR", 0x20, 8, 0x1_00FC_E400L),
          new RegisterValue("CCMD", 0x28, 8, 0xA000_0000_0000_0000L),
          new RegisterValue("FSTS", 0x34, 4, 0x0000_0003L),
          new RegisterValue("FECTL", 0x38, 4, 0x4000_0000L),
          new RegisterValue("IQH", 0x80, 8, 0x1740),
          new RegisterValue("IQT", 0x88, 8, 0x1760),
          new RegisterValue("IQA", 0x90, 8, 0x1_001E_C801L),
          new RegisterValue("IRTA", 0xB8, 8, 0x1_0020_000FL),
          new RegisterValue("PQA", 0xD0, 8, 0x17_0004L),
          new RegisterValue("PECTL", 0xE0, 4, 0x8000_0000L),
          new RegisterValue("FRCD0_LO", 0x220, 8, 0x3DA5_1B99_2000L),
          new RegisterValue("FRCD0_HI", 0x228, 8, 0xC000_0006_8000_0080L),
          new RegisterValue("IVA", 0xF0, 8, 0x1234_5000L),
          new RegisterValue("IOTLB", 0xF8, 8, 0x9000_0000_0000_0000L));

  private static Rig captured() {
    Rig rig = new Rig(VtdProfiles.of(CAPTURED, remark -> {}), Scheduler.Mode.INLINE);
    rig.unit.state().importState(UnitState.ofRegisters("vtd", CAPTURED));
    return rig;
  }

  @Test
  void everyListedRegisterIsVerbatimAndNothingIsExecuted() {
    Rig rig = captured();
    for (RegisterValue register : CAPTURED) {
      assertThat(rig.unit.register((int) register.offset()))
          .as(register.name())
          .isEqualTo(register.value());
    }
    assertThat(rig.messages).as("FECTL has IP=1 and IM=0").isEmpty();
    assertThat(rig.unit.counters()).containsEntry("queue.descriptors", 0L);
  }

  @Test
  void latchedPointersCountAsActive() {
    Latched latched = captured().unit.latched();
    assertThat(latched).isEqualTo(new Latched(true, 1, 0x1_00FC_E000L, true, 0x1_0020_000FL));
  }

  @Test
  void theQueueGoesOnWhereItWas() {
    Rig rig = captured();
    rig.poke(0x1_001E_C000L + 0x1740, 0x0000_0002_0000_0025L, 0x15_0000L);
    rig.w32(0x88, 0x1760);
    assertThat(rig.peek(0x15_0000L)).isEqualTo(2);
    assertThat(rig.r64(0x80)).isEqualTo(0x1760);
  }

  @Test
  void translationIsOnAfterTheImport() {
    Rig rig = captured();
    rig.w32(0x22C, 0x8000_0000L);
    rig.w32(0x34, 1);
    rig.unit.translate(rig.write(0x80, 0x5000));
    assertThat(rig.r64(0x228))
        .as("the root table is empty: SRT.2")
        .isEqualTo(0x8000_0039_0000_0080L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RTADDR", "GSTS"})
  void neededRegistersAreNamed(String name) {
    List<RegisterValue> rest = new ArrayList<>(CAPTURED);
    rest.removeIf(register -> register.name().equals(name));
    assertThatThrownBy(
            () -> Rig.full().unit.state().importState(UnitState.ofRegisters("vtd", rest)))
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND))
        .hasMessageContaining(name + " at 0x");
  }

  @Test
  void refusalsLeaveTheUnitAlone() {
    Rig rig = captured();
    assertThatThrownBy(() -> rig.unit.state().importState(UnitState.ofRegisters("amdvi", CAPTURED)))
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID));
    Blob odd = new Blob("vtd.latched", java.nio.ByteBuffer.allocate(8));
    assertThatThrownBy(
            () ->
                rig.unit
                    .state()
                    .importState(
                        new UnitState("vtd", 1, CAPTURED, Map.of(Section.LATCHED, List.of(odd)))))
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.MALFORMED));
    assertThat(rig.unit.latched().rootTable()).isEqualTo(0x1_00FC_E000L);
  }

  @Test
  void tooWideAValueIsMalformed() {
    List<RegisterValue> wide = new ArrayList<>(CAPTURED);
    wide.add(new RegisterValue("FEDATA", 0x3C, 4, 0x1_0000_0000L));
    Rig rig = Rig.full();
    assertThatThrownBy(() -> rig.unit.state().importState(UnitState.ofRegisters("vtd", wide)))
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.MALFORMED))
        .hasMessageContaining("FEDATA");
    assertThat(rig.r32(0x1C)).as("nothing was imported").isZero();
  }

  @Test
  void registersTheModelDoesNotHaveAreLeftOut() {
    List<RegisterValue> more = new ArrayList<>(CAPTURED);
    more.add(new RegisterValue("PERFCAP", 0x300, 8, 0x1234));
    more.add(new RegisterValue("VCCAP", 0xE30, 8, 1));
    Rig rig = captured();
    rig.unit.state().importState(UnitState.ofRegisters("vtd", more));
    assertThat(rig.r64(0x300)).isZero();
  }

  @Test
  void exportAndImportKeepWhatIsLatchedApartFromRegisters() {
    Rig rig = captured();
    rig.w64(0x20, 0x77_0000L);
    rig.w64(0x90, 0x88_0000L);
    rig.w64(0xB8, 0x99_0000L);
    UnitState state =
        rig.unit
            .state()
            .exportState(EnumSet.of(Section.REGISTERS, Section.LATCHED, Section.CACHES));
    assertThat(state.sections()).containsOnlyKeys(Section.LATCHED);
    Rig other = captured();
    other.unit.state().importState(state);
    assertThat(other.r64(0x20)).isEqualTo(0x77_0000L);
    assertThat(other.unit.latched()).isEqualTo(rig.unit.latched());
    other.poke(0x1_001E_C000L + 0x1740, 0x0000_0002_0000_0025L, 0x15_0000L);
    other.w32(0x88, 0x1760);
    assertThat(other.peek(0x15_0000L)).as("the queue taken at QIE").isEqualTo(2);
    assertThat(other.unit.state().exportState(EnumSet.of(Section.REGISTERS)).sections()).isEmpty();
  }

  @Test
  void theNextFaultRecordTravelsAlong() {
    Rig rig = Rig.full();
    rig.w32(0x18, 0xC000_0000L);
    rig.unit.translate(rig.write(1, 0x1000));
    rig.w32(0x22C, 0x8000_0000L);
    UnitState state = rig.unit.state().exportState(EnumSet.allOf(Section.class));
    Rig other = Rig.full();
    other.unit.state().importState(state);
    other.unit.translate(other.write(2, 0x2000));
    assertThat(other.r64(0x230)).as("record 1").isEqualTo(0x2000);
    assertThat(other.r32(0x34)).isEqualTo(0x102);
  }

  @Test
  void coldResetIsTheStateOfANewUnit() {
    Rig rig = captured();
    rig.unit.reset(true);
    Rig fresh = new Rig(rig.unit.profile(), Scheduler.Mode.INLINE);
    assertThat(all(rig)).isEqualTo(all(fresh));
    assertThat(rig.unit.latched()).isEqualTo(Latched.RESET);
    rig.unit.reset(true);
    assertThat(all(rig)).isEqualTo(all(fresh));
  }

  @Test
  void warmResetLeavesStickyRegisters() {
    Rig rig = captured();
    rig.unit.reset(false);
    assertThat(rig.r64(0x228)).isEqualTo(0xC000_0006_8000_0080L);
    assertThat(rig.r64(0x220)).isEqualTo(0x3DA5_1B99_2000L);
    assertThat(rig.r32(0x34)).isEqualTo(0x03);
    assertThat(rig.r32(0x1C)).isZero();
    assertThat(rig.r64(0x90)).isZero();
    assertThat(rig.r32(0x38)).isEqualTo(0x8000_0000L);
    assertThat(rig.unit.latched()).isEqualTo(Latched.RESET);
  }

  private static List<RegisterValue> all(Rig rig) {
    return rig.unit.state().exportState(EnumSet.of(Section.REGISTERS)).registers();
  }
}
