package org.ioasis.amdvi.hardware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.state.RegisterValue;
import org.ioasis.api.state.Section;
import org.ioasis.api.state.UnitState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Profiles, the factory, state in and out, and the dialect of captures and vectors. */
class ProfilesTest {
  private final AmdviFactory factory = new AmdviFactory();

  private void refused(Profile profile, Reason reason, String message) {
    assertThatThrownBy(() -> factory.create(Rig.full(), profile))
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(message);
  }

  @Test
  void theConfigurationsOfTheVectors() {
    assertThat(factory.profiles()).extracting(Profile::name).containsExactly("full", "v1", "v1-xt");
    Profile v1 = factory.answers().configuration("v1").orElseThrow();
    assertThat(v1.register("EXT_FEATURES")).isEqualTo(0x29D3);
    assertThat(v1.ram()).hasSize(2);
    assertThat(factory.answers().configuration("v1-xt").orElseThrow().register("EXT_FEATURES"))
        .isEqualTo(0x29D7);
    assertThat(factory.answers().configuration("legacy48")).isEmpty();
  }

  @Test
  void whatIsRefused() {
    refused(AmdviProfiles.FULL.withParameter("iotlb.entries", 3), Reason.INVALID, "iotlb.entries");
    refused(AmdviProfiles.FULL.withParameter("haw", 48), Reason.INVALID, "haw");
    refused(AmdviProfiles.FULL.withParameter(Choices.TV_0, 2), Reason.INVALID, Choices.TV_0);
    Profile other =
        new Profile("vtd", "x", AmdviProfiles.FULL.registers(), java.util.Map.of(), List.of(), 0);
    refused(other, Reason.UNSUPPORTED, "kind amdvi");
  }

  @ParameterizedTest
  @ValueSource(strings = {"iotlb.entries", "walkcache.entries", "pasidcache.entries"})
  void smallestCaches(String parameter) {
    Rig rig = Rig.with(parameter, 4).start().hostTables().dte(0x6000000123456603L, 0x42);
    for (int round = 0; round < 3; round++) {
      for (int page = 0; page < 16; page++) {
        long packed = rig.ask(rig.read(Rig.DEVICE, 0x1234580000L + page * 0x1000L));
        assertThat(packed & (1L << 52) - 1).isEqualTo(0x777770000L + page * 0x1000L);
      }
    }
  }

  @Test
  void aProfileAfterRegisters() {
    List<String> remarks = new ArrayList<>();
    Profile profile =
        factory.profileOf(
            List.of(new RegisterValue("EXT_FEATURES", 0x30, 8, 0x29D3 | 1L << 9)), remarks::add);
    assertThat(profile.register("EXT_FEATURES")).isEqualTo(0x29D3 | 1L << 9);
    assertThat(profile.register("EXT_FEATURES_2")).isZero();
    assertThat(remarks)
        .containsExactly("EXT_FEATURES.PCSup=1 is claimed and not modelled; it is inert");
    remarks.clear();
    factory.profileOf(List.of(), remarks::add);
    assertThat(remarks).singleElement().asString().contains("EXT_FEATURES is not among");
  }

  @Test
  void theDictionary() {
    assertThat(factory.registers().find("control").orElseThrow().offset()).isEqualTo(0x18);
    assertThat(factory.registers().find("DEV_TAB_BASE").orElseThrow().needed()).isTrue();
    assertThat(factory.registers().find("EXT_FEATURES").orElseThrow().identification()).isTrue();
    assertThat(factory.sourceIdBits()).isEqualTo(16);
  }

  @Test
  void stateGoesOutAndIn() {
    Rig rig = Rig.full().start().hostTables().dte(0x6000000123456603L, 0x42);
    rig.ask(rig.read(Rig.DEVICE, 0x9000));
    UnitState state = rig.unit.state().exportState(Set.of(Section.REGISTERS));
    long tail = rig.r64(0x2018);
    rig.unit.reset(true);
    rig.unit.state().importState(state);
    assertThat(rig.r64(0x2018)).isEqualTo(tail);
    assertThat(rig.r64(0x2020) & 0x18).isEqualTo(0x18);
    assertThat(rig.ask(rig.read(Rig.DEVICE, 0x1234567000L)) & (1L << 52) - 1)
        .isEqualTo(0xABCDEF0000L);
    rig.ask(rig.read(Rig.DEVICE, 0x9000));
    assertThat(rig.r64(0x2018)).isEqualTo(tail + 16);
    UnitState little =
        UnitState.ofRegisters("amdvi", List.of(new RegisterValue("CONTROL", 0x18, 8, 1)));
    assertThatThrownBy(() -> rig.unit.state().importState(little))
        .hasMessageContaining("DEV_TAB_BASE at 0x0");
    UnitState other = UnitState.ofRegisters("vtd", List.of());
    assertThatThrownBy(() -> rig.unit.state().importState(other)).hasMessageContaining("kind vtd");
  }

  /** Recorded address, whether rights were looked at, our answer, whether they agree. */
  @ParameterizedTest
  @CsvSource({
    "0x140910000, 13, 0x140911234, true",
    "0x140911000, 13, 0x140911234, false",
    "0x140911000, 12, 0x140911234, true"
  })
  void capturesGiveTheFirstAddressOfThePage(String pa, int lg2, String ours, boolean agrees) {
    Row row = new Row().text("pa", pa).text("iova", "0xffffd234").flag("access_checked", false);
    Answer answer = Answer.ok(Long.decode(ours), lg2, 3);
    assertThat(factory.answers().agreesWithCapture(row, answer, new Row())).isEqualTo(agrees);
    assertThat(factory.answers().directionMatters(row)).isFalse();
  }

  @Test
  void capturesWithoutAnAddress() {
    Row fault = new Row().text("fault", "no-translation").text("iova", "0x1000");
    assertThat(factory.answers().directionMatters(fault)).isTrue();
    assertThat(factory.answers().agreesWithCapture(fault, Answer.fault(0x702), new Row())).isTrue();
    assertThat(factory.answers().agreesWithCapture(fault, Answer.ok(0, 12, 3), new Row()))
        .isFalse();
    Row nothing = new Row().text("iova", "0x1000");
    assertThat(factory.answers().agreesWithCapture(nothing, Answer.ok(0x1000, 12, 3), new Row()))
        .isTrue();
    assertThat(factory.answers().agreesWithCapture(nothing, Answer.blocked(0), new Row())).isTrue();
    assertThat(factory.answers().agreesWithCapture(nothing, Answer.fault(2), new Row())).isFalse();
  }

  @Test
  void ofTheEventsOfAVectorTheLastCodeCounts() {
    Row theirs =
        new Row()
            .text("class", "fault")
            .rows(
                "events",
                List.of(
                    new Row().words("words", List.of(0x4000000000000000L, 0L)),
                    new Row().words("words", List.of(0x2009000000000000L, 0L))));
    Row step = new Row().rows("out", List.of(theirs));
    Row page =
        new Row()
            .text("class", "fault")
            .rows("events", List.of(new Row().words("words", List.of(0x2070846A00000500L, 1L))));
    Row table =
        new Row()
            .text("class", "fault")
            .rows("events", List.of(new Row().words("words", List.of(0x4200846A00000500L, 1L))));
    assertThat(factory.answers().agreesWithVector(step, page)).isTrue();
    assertThat(factory.answers().agreesWithVector(step, table)).isFalse();
    assertThat(factory.answers().deviationsLast()).isTrue();
  }

  @Test
  void faultsByName() {
    assertThat(factory.answers().faultName(0x702)).isEqualTo("IO_PAGE_FAULT(PR RW PE)");
    assertThat(factory.answers().faultName(0x801)).isEqualTo("ILLEGAL_DEV_TABLE_ENTRY(RZ)");
    assertThat(factory.answers().faultMeaning(0x702)).isEqualTo("no right to write");
    for (int code = 0; code < 0x10000; code++) {
      assertThat(factory.answers().faultName(code)).isNotEmpty();
      assertThat(factory.answers().faultMeaning(code)).isNotEmpty();
    }
  }
}
