package org.ioasis.amdvi.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.ioasis.api.explain.Explanation;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.inspect.Inspector;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.machine.DmaRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Explain and inspect: what they tell, that they change nothing, and that they always end. */
class LookingGlassesTest {
  private static final long IOVA = 0x1234567000L;

  private static Rig rig() {
    return Rig.full().start().hostTables().dte(0x6000000123456603L, 0x42);
  }

  private static Explanation explain(Rig rig, DmaRequest request) {
    return rig.unit.explainer().explain(request);
  }

  private static List<Row> mappings(Rig rig, int limit) {
    List<Row> rows = new ArrayList<>();
    rig.unit
        .inspector()
        .mappings(
            Inspector.ALL_SOURCES,
            row -> {
              rows.add(row);
              return rows.size() < limit;
            });
    return rows;
  }

  @Test
  void aTranslation() {
    Explanation story = explain(rig(), rig().read(Rig.DEVICE, IOVA | 8));
    assertThat(story.steps())
        .extracting(step -> step.name())
        .containsExactly("DTE[03:08.0]", "v1-L3[0x48]", "v1-L2[0x1a2]", "v1-L1[0x167]");
    assertThat(story.result()).isEqualTo(Answer.ok(0xABCDEF0008L, 12, 7));
    assertThat(story.cached()).isNull();
    assertThat(story.stale()).isEmpty();
  }

  @Test
  void aFaultAndASuppressedOne() {
    Rig rig = rig();
    rig.poke(0x123458B38L, 0x300000ABCDEF0001L);
    Explanation story = explain(rig, rig.write(Rig.DEVICE, IOVA));
    assertThat(story.faultName()).isEqualTo("IO_PAGE_FAULT(PR RW PE)");
    assertThat(story.meaning()).isEqualTo("no right to write");
    assertThat(story.check()).isEqualTo("v1-L1[0x167] leaves no right to the access");
    rig.dte(0x6000000123456603L, 0x0000000400000042L);
    story = explain(rig, rig.write(Rig.DEVICE, IOVA));
    assertThat(story.result().kind()).isEqualTo(Answer.Kind.BLOCKED);
    assertThat(story.meaning()).startsWith("SA suppresses the event");
    assertThat(rig.events()).as("no side effects").isEmpty();
  }

  @Test
  void whatIsStaleNamesTheCommandThatHelps() {
    Rig rig = rig();
    rig.ask(rig.read(Rig.DEVICE, IOVA));
    rig.poke(0x123458B38L, 0x7000000000077001L);
    Explanation story = explain(rig, rig.read(Rig.DEVICE, IOVA));
    assertThat(story.cached().address()).isEqualTo(0xABCDEF0000L);
    assertThat(story.result().address()).isEqualTo(0x77000L);
    assertThat(story.stale())
        .isEqualTo(
            "STALE: IOTLB entry of 2^12 bytes, removed by INVALIDATE_IOMMU_PAGES (GN=0, DomainID"
                + " 0x42, address 0x1234567000)");
    rig.command(0x3000004200000000L, IOVA);
    assertThat(explain(rig, rig.read(Rig.DEVICE, IOVA)).stale()).isEmpty();
    rig.poke(Rig.DTE, 0x1);
    assertThat(explain(rig, rig.read(Rig.DEVICE, IOVA)).stale())
        .startsWith(
            "STALE: device table entry of 03:08.0, removed by INVALIDATE_DEVTAB_ENTRY (DeviceID"
                + " 0x340)");
  }

  @Test
  void rowsOfThings() {
    Rig rig = rig();
    List<Row> rows = mappings(rig, 10);
    assertThat(rows).hasSize(2);
    assertThat(rows.get(0).toString())
        .isEqualTo(
            "sid=832 rid=03:08.0 pasid=null type=map iova=0x1234567000 size=0x1000"
                + " pa=0xabcdef0000 read=true write=true did=66 level=1 pte=0x700000abcdef0001");
    assertThat(rows.get(1).toString()).endsWith("nextlevel=7 replicas=16");
    List<Row> devices = new ArrayList<>();
    rig.unit.inspector().devices(devices::add);
    assertThat(devices)
        .singleElement()
        .extracting(Row::toString)
        .asString()
        .startsWith("sid=832 rid=03:08.0 state=translated did=66 mode=3 table=0x123456000");
    List<Row> domains = new ArrayList<>();
    rig.unit.inspector().domains(domains::add);
    assertThat(domains).hasSize(1);
    assertThat(rig.unit.inspector().unit().asLong("CONTROL")).contains(rig.r64(0x18));
  }

  @Test
  void aSkippedLevelIsListed() {
    Rig rig = rig();
    rig.poke(0x123456240L, 0x6000000123458201L);
    assertThat(mappings(rig, 10)).hasSize(2);
    assertThat(mappings(rig, 10).get(0).asLong("iova")).contains(0x1200167000L);
  }

  @Test
  @Timeout(20)
  void tablesFullOfThemselves() {
    Rig rig = rig();
    for (int index = 0; index < 512; index++) {
      rig.poke(0x123456000L + 8L * index, 0x6000000123456401L);
    }
    assertThat(mappings(rig, 1_000_000))
        .hasSize(512)
        .allMatch(row -> row.asText("error").orElse("").contains("already on its own path"));
    rig.poke(0x123456000L, 0x6000700000000401L);
    assertThat(mappings(rig, 1).get(0).asText("error")).contains("the table lies outside memory");
  }

  @ParameterizedTest
  @ValueSource(ints = {10_000, 20_000})
  @Timeout(60)
  void randomStructuresNeverThrow(int firstSeed) {
    for (int seed = firstSeed; seed < firstSeed + 25; seed++) {
      RandomStructures world = new RandomStructures(seed);
      Inspector inspector = world.rig.unit.inspector();
      inspector.devices(row -> true);
      inspector.domains(row -> true);
      assertThat(mappings(world.rig, 2_000).size()).isLessThanOrEqualTo(2_000);
      Set<Long> pages = new HashSet<>();
      inspector.reachablePages(
          (address, what) -> {
            assertThat(pages.add(address)).isTrue();
            return pages.size() < 5_000;
          });
      for (int i = 0; i < 20; i++) {
        assertThat(explain(world.rig, world.request()).check()).isNotBlank();
      }
    }
  }
}
