package org.ioasis.smmuv3.hardware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.state.RegisterValue;
import org.ioasis.api.state.Section;
import org.ioasis.api.state.UnitState;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** State in and out, reset, profiles, the factory's refusals. */
class StateTest {
  @Test
  @DisplayName("what was exported answers as its source, with empty caches")
  void roundTrip() {
    Rig rig = Rig.full();
    rig.read(Rig.SID, 0);
    UnitState state = rig.unit.state().exportState(EnumSet.allOf(Section.class));
    rig.unit.reset(true);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo("ok 123456789abc");
    rig.unit.state().importState(state);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo("ok 500abc");
    assertThat(rig.r32(0x1_00A8)).as("EVENTQ_PROD goes on").isEqualTo(1);
    assertThat(rig.command(0x46, 0).r32(0x9C)).as("the queue runs").isEqualTo(1);
    rig.read(Rig.SID, 0x5000);
    assertThat(rig.events()).hasSize(2);
  }

  @Test
  @DisplayName("an import without CR0ACK works with CR0; without a stream table it is refused")
  void imports() {
    Rig rig = Rig.full();
    List<RegisterValue> registers = new ArrayList<>();
    registers.add(new RegisterValue("CR0", 0x20, 4, 1));
    registers.add(new RegisterValue("STRTAB_BASE", 0x80, 8, Rig.STREAMS));
    assertThatThrownBy(
            () -> rig.unit.state().importState(UnitState.ofRegisters("smmuv3", registers)))
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND))
        .hasMessageContaining("STRTAB_BASE_CFG at 0x88");
    registers.add(new RegisterValue("STRTAB_BASE_CFG", 0x88, 4, 8));
    rig.unit.state().importState(UnitState.ofRegisters("smmuv3", registers));
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo("ok 500abc");
    assertThatThrownBy(() -> rig.unit.state().importState(UnitState.ofRegisters("vtd", registers)))
        .hasMessageContaining("kind vtd");
  }

  @Test
  @DisplayName("reset ends what is held and forgets everything")
  void reset() {
    Rig rig = Rig.full().poke(Rig.CD, Rig.CD_Q0 | 1L << 44);
    rig.read(Rig.SID, 0);
    rig.unit.reset(false);
    assertThat(rig.device.take()).containsExactly("ABORT 0");
    assertThat(rig.r32(0x20) | rig.r32(0x24) | rig.r32(0x60)).isZero();
    assertThat(rig.r32(0x44)).isEqualTo(0x1000);
  }

  @Test
  @DisplayName("what is held goes along: a STAG means the same after an import")
  void held() {
    Rig rig = Rig.full().poke(Rig.CD, Rig.CD_Q0 | 1L << 44);
    rig.read(Rig.SID, 0x5000); // STAG 0, recorded
    rig.w32(0x20, 0x9); // EVENTQEN=0
    rig.read(Rig.SID, 0x6000); // STAG 1, waits for the queue
    UnitState state = rig.unit.state().exportState(EnumSet.allOf(Section.class));
    rig.unit.reset(true);
    assertThat(rig.device.take()).containsExactlyInAnyOrder("ABORT 0", "ABORT 1");
    rig.unit.state().importState(state);
    assertThat(rig.unit.state().exportState(EnumSet.of(Section.INFLIGHT)).sections())
        .isEqualTo(
            state.sections().entrySet().stream()
                .filter(entry -> entry.getKey() == Section.INFLIGHT)
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    long resume = Integer.toUnsignedLong(Rig.SID) << 32 | 1 << 12 | 0x44; // Ac=1
    rig.command(resume, 1);
    assertThat(rig.device.take()).as("software has not been told of STAG 1").isEmpty();
    rig.command(resume, 0);
    assertThat(rig.device.take()).containsExactly("RETRY 0");
    rig.w32(0x20, 0xD);
    assertThat(rig.r32(0x1_00A8)).as("its record is written now").isEqualTo(2);
    rig.command(resume, 1);
    assertThat(rig.device.take()).containsExactly("RETRY 1");
    for (Blob bad : List.of(blob(39), blob(40), new Blob("vtd.latched", ByteBuffer.allocate(0)))) {
      UnitState broken =
          new UnitState(
              "smmuv3",
              UnitState.VERSION,
              state.registers(),
              Map.of(Section.INFLIGHT, List.of(bad)));
      assertThatThrownBy(() -> rig.unit.state().importState(broken))
          .isInstanceOfSatisfying(
              IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.MALFORMED));
    }
  }

  private static Blob blob(int bytes) {
    return new Blob("smmuv3.stalls", ByteBuffer.allocate(bytes));
  }

  @Test
  @DisplayName("a unit that goes hands what it held to whatever comes")
  void close() {
    Rig rig = Rig.full().poke(Rig.CD, Rig.CD_Q0 | 1L << 44);
    rig.read(Rig.SID, 0);
    rig.unit.close();
    assertThat(rig.device.take()).containsExactly("MOVED 0");
  }

  @Test
  @DisplayName("a profile from registers says what is claimed and not modelled")
  void profileOf() {
    List<String> remarks = new ArrayList<>();
    List<RegisterValue> registers =
        List.of(
            new RegisterValue("IDR0", 0, 4, 0x0D44_101BL | 1 << 5),
            new RegisterValue("IDR1", 4, 4, 0x0273_0010L),
            new RegisterValue("IDR3", 12, 4, 0x1414L | 1 << 8),
            new RegisterValue("IDR5", 20, 4, 0x74L));
    Profile profile = new SmmuFactory().profileOf(registers, remarks::add);
    assertThat(profile.register("IDR0")).isEqualTo(0x0D44_103BL);
    assertThat(remarks)
        .contains(
            "IDR0.BTM=1 is claimed and not modelled; it is inert",
            "IDR3.FWB=1 is claimed and not modelled; it is inert",
            "AIDR at 0x1c is not among the registers; 0x1 of profile full is assumed");
  }

  @Test
  @DisplayName("profiles that contradict themselves, unknown names, caches of no size")
  void refusals() {
    SmmuFactory factory = new SmmuFactory();
    Rig rig = Rig.reset();
    Map<String, String> cases =
        Map.of(
            "neither S1P nor S2P", "IDR0",
            "no granule", "IDR5",
            "SIDSIZE=63", "IDR1");
    cases.forEach(
        (message, register) -> {
          Map<String, Long> registers = new java.util.HashMap<>(SmmuProfiles.FULL.registers());
          registers.put(register, register.equals("IDR1") ? 0x3FL : 0L);
          Profile profile = new Profile("smmuv3", "odd", registers, Map.of(), List.of(), 0);
          assertThatThrownBy(() -> factory.create(rig, profile)).hasMessageContaining(message);
        });
    assertThatThrownBy(() -> factory.create(rig, SmmuProfiles.FULL.withParameter("tlb.entries", 5)))
        .hasMessageContaining("tlb.entries=5 is no power of two");
    assertThatThrownBy(() -> factory.create(rig, SmmuProfiles.FULL.withParameter("colour", 5)))
        .hasMessageContaining("colour");
    assertThatThrownBy(
            () -> factory.create(rig, SmmuProfiles.FULL.withParameter("atc.timeout.millis", 0)))
        .hasMessageContaining("atc.timeout.millis=0");
    assertThat(factory.profiles().get(0).name()).isEqualTo("full");
    assertThat(factory.registers().find("SMMU_CR0ACK").orElseThrow().offset()).isEqualTo(0x24);
    assertThat(factory.registers().find("idr0").orElseThrow().identification()).isTrue();
  }
}
