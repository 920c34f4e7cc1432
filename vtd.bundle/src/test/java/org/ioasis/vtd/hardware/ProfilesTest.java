package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.api.state.RegisterDictionary;
import org.ioasis.api.state.RegisterValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Profiles, the configurations of vector files, and the register dictionary. */
class ProfilesTest {
  private final VtdFactory factory = new VtdFactory();

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          legacy48      | 80D2008C222F0606 | 0000000000000F42 | 48
          legacy39      | 80D2008C22260206 | 0000000000000F42 | 39
          legacy48-cm   | 80D2008C222F0686 | 0000000000000F42 | 48
          scal-ss       | 80D2008C222F0606 | 0000480080000F42 | 48
          scal-ss39     | 80D2008C22260206 | 0000480080000F42 | 39
          scal-ss-sc    | 80D2008C222F0606 | 0000480080000FC2 | 48
          scal-fs       | 81D2008C222F0606 | 0000880000000F42 | 48
          scal-fs-no1g  | 80D2008C222F0606 | 0000880000000F42 | 48
          scal-fs-pasid | 81D2008C222F0606 | 0000899800000F42 | 48
          """)
  void vectorConfigurations(String name, String cap, String ecap, int haw) {
    Profile profile = factory.answers().configuration(name).orElseThrow();
    assertThat(profile.register("VER")).isEqualTo(0x10);
    assertThat(profile.register("CAP")).isEqualTo(Long.parseUnsignedLong(cap, 16));
    assertThat(profile.register("ECAP")).isEqualTo(Long.parseUnsignedLong(ecap, 16));
    assertThat(profile.mmioBase()).isEqualTo(0xFED9_0000L);
    assertThat(profile.ram()).extracting(MemoryRegion::base).containsExactly(0L, 0x1_0000_0000L);
    assertThat(profile.ram())
        .extracting(MemoryRegion::last)
        .containsExactly(0x7FFF_FFFFL, 0x10_7FFF_FFFFL);
    Rig rig = new Rig(profile, Scheduler.Mode.INLINE);
    assertThat(rig.unit.capabilities().haw()).isEqualTo(haw);
    assertThat(rig.r64(0x08)).isEqualTo(Long.parseUnsignedLong(cap, 16));
    assertThat(factory.profiles()).contains(profile);
  }

  @Test
  void unknownConfigurationsAreNone() {
    assertThat(factory.answers().configuration("v1-xt")).isEmpty();
  }

  @Test
  void theDefaultProfileClaimsOnlyWhatIsModelled() {
    Profile full = factory.profiles().get(0);
    assertThat(full.name()).isEqualTo("full");
    assertThat(full.register("CAP") & ~Capabilities.CAP_MODELLED).isZero();
    assertThat(full.register("ECAP") & ~Capabilities.ECAP_MODELLED).isZero();
    List<String> remarks = new ArrayList<>();
    Profile same =
        factory.profileOf(
            List.of(
                new RegisterValue("VER", 0, 4, full.register("VER")),
                new RegisterValue("CAP", 8, 8, full.register("CAP")),
                new RegisterValue("ECAP", 16, 8, full.register("ECAP"))),
            remarks::add);
    assertThat(same.registers()).isEqualTo(full.registers());
    assertThat(remarks).isEmpty();
  }

  @Test
  void claimsBeyondTheModelAreRemarkedAndInert() {
    List<String> remarks = new ArrayList<>();
    Profile profile =
        factory.profileOf(
            List.of(
                new RegisterValue("VER", 0, 4, 0x10),
                new RegisterValue("CAP", 8, 8, 0x28D2_008C_222F_0606L),
                new RegisterValue("ECAP", 16, 8, 0x0408_4800_80F0_0F4AL)),
            remarks::add);
    assertThat(profile.register("ECAP")).isEqualTo(0x0408_4800_80F0_0F4AL);
    assertThat(remarks)
        .contains(
            "CAP.PI=1 is claimed and not modelled; it is inert",
            "CAP.ECMDS=1 is claimed and not modelled; it is inert",
            "ECAP.PMS=1 is claimed and not modelled; it is inert",
            "ECAP has bits 0x400000000000000 without a known meaning; they are inert");
  }

  @Test
  void missingIdentificationIsAssumedAndSaid() {
    List<String> remarks = new ArrayList<>();
    Profile profile =
        factory.profileOf(
            List.of(new RegisterValue("CAP", 8, 8, 0x80D2_008C_2226_0206L)), remarks::add);
    assertThat(profile.register("CAP")).isEqualTo(0x80D2_008C_2226_0206L);
    assertThat(profile.parameter("haw", 0)).isEqualTo(39);
    assertThat(remarks).hasSize(2);
    assertThat(remarks.get(0)).startsWith("VER at 0x0 is not among the registers");
    assertThat(remarks.get(1)).startsWith("ECAP at 0x10 is not among the registers");
  }

  @Test
  void foreignProfilesAreRefused() {
    Rig rig = Rig.full();
    Profile other = new Profile("smmuv3", "x", Map.of(), Map.of(), List.of(), 0);
    assertReason(rig, other, Reason.UNSUPPORTED);
    Profile strange =
        new Profile("vtd", "x", Map.of("VER", 1L, "IDR0", 2L), Map.of(), List.of(), 0);
    assertReason(rig, strange, Reason.INVALID);
    Profile incomplete = new Profile("vtd", "x", Map.of("VER", 1L), Map.of(), List.of(), 0);
    assertReason(rig, incomplete, Reason.NOT_FOUND);
    Profile wide = VtdProfiles.FULL.withParameter("haw", 60);
    assertReason(rig, wide, Reason.INVALID);
    assertReason(rig, VtdProfiles.FULL.withParameter("iotlb.entries", 5), Reason.INVALID);
    assertReason(rig, VtdProfiles.FULL.withParameter("iotlb.entry", 512), Reason.INVALID);
  }

  private void assertReason(Rig rig, Profile profile, Reason reason) {
    assertThatThrownBy(() -> factory.create(rig, profile))
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  @Test
  void hostAddressWidth() {
    Profile plain = new Profile("vtd", "x", VtdProfiles.FULL.registers(), Map.of(), List.of(), 0);
    assertThat(Capabilities.of(plain, 46).haw()).isEqualTo(46);
    assertThat(Capabilities.of(plain, 56).haw()).isEqualTo(52);
    assertThat(Capabilities.of(plain.withParameter("haw", 39), 52).haw()).isEqualTo(39);
  }

  @Test
  void theDictionaryKnowsRegistersByName() {
    RegisterDictionary dictionary = factory.registers();
    assertThat(dictionary.find("rtaddr_reg").orElseThrow())
        .isEqualTo(new RegisterDictionary.Description("RTADDR", 0x20, 8, false, true));
    assertThat(dictionary.find("GSTS").orElseThrow().needed()).isTrue();
    assertThat(dictionary.find("FRCD0_HI").orElseThrow().offset()).isEqualTo(0x228);
    assertThat(dictionary.find("IOTLB").orElseThrow().offset()).isEqualTo(0xF8);
    assertThat(dictionary.find("NOTHING")).isEmpty();
    assertThat(dictionary.all().stream().filter(RegisterDictionary.Description::identification))
        .extracting(RegisterDictionary.Description::name)
        .containsExactly("VER", "CAP", "ECAP");
    assertThat(dictionary.all())
        .isSortedAccordingTo((a, b) -> Long.compare(a.offset(), b.offset()));
  }
}
