package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.ioasis.api.inspect.Inspector;
import org.ioasis.api.inspect.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The inspector on structures that loop or lead nowhere: every view ends, and says so. */
class HostileStructuresTest {
  private record View(Latched latched, Translator translator) implements UnitView {
    @Override
    public long register(int offset) {
      return 0;
    }
  }

  private static Inspector legacy(TestMemory memory) {
    return new VtdInspector(memory, Fixture.LEGACY, new View(Fixture.LEGACY_MODE, null));
  }

  private static List<Row> mappings(Inspector inspector, int limit) {
    List<Row> rows = new ArrayList<>();
    inspector.mappings(
        Inspector.ALL_SOURCES,
        row -> {
          rows.add(row);
          return rows.size() < limit;
        });
    return rows;
  }

  @Test
  void theWorkedExample() {
    assertThat(mappings(legacy(Fixture.legacy()), 10))
        .containsExactly(
            new Row()
                .number("sid", 0x329)
                .text("rid", "03:05.1")
                .nothing("pasid")
                .text("type", "map")
                .hex("iova", 0x1234_5678_9000L)
                .hex("size", 0x1000)
                .hex("pa", 0x8_9ABC_D000L)
                .flag("read", true)
                .flag("write", true)
                .number("level", 1)
                .hex("pte", 0x8_9ABC_D003L)
                .number("did", 0x42));
  }

  @Test
  void rightsAreAndedAndEmptyOnesGiveNoRow() {
    TestMemory memory = Fixture.legacy().at(0x20_2598, 0x20_3001L);
    Row row = mappings(legacy(memory), 10).get(0);
    assertThat(row.cells().get("write").value()).isEqualTo(false);
    memory.at(0x20_3C48, 0x8_9ABC_D002L);
    assertThat(mappings(legacy(memory), 10)).isEmpty();
  }

  @Test
  void passThrough() {
    TestMemory memory = Fixture.legacy().at(0x10_1290, 0x9L);
    assertThat(mappings(legacy(memory), 10))
        .singleElement()
        .extracting(Row::toString)
        .isEqualTo("sid=809 rid=03:05.1 pasid=null type=passthrough did=66");
  }

  @Test
  @Timeout(10)
  void aTableThatPointsAtItselfIsOneErrorRow() {
    TestMemory memory = Fixture.legacy().at(0x20_1688, 0x20_1003L);
    assertThat(mappings(legacy(memory), 10))
        .singleElement()
        .extracting(Row::toString)
        .isEqualTo(
            "sid=809 rid=03:05.1 pasid=null type=error iova=0x123440000000 level=2 table=0x201000"
                + " error=the table is already on its own path did=66");
  }

  @Test
  @Timeout(10)
  void aTableFullOfItself() {
    TestMemory memory = Fixture.legacy();
    for (int index = 0; index < 512; index++) {
      memory.at(0x20_0000 + 8L * index, 0x20_0003L);
    }
    List<Row> rows = mappings(legacy(memory), 1_000_000);
    assertThat(rows).hasSize(512).allMatch(row -> row.asText("type").orElse("").equals("error"));
    List<Long> pages = new ArrayList<>();
    legacy(memory).reachablePages((address, what) -> pages.add(address));
    assertThat(pages).containsExactly(0x10_0000L, 0x10_1000L, 0x20_0000L);
  }

  @Test
  @Timeout(10)
  void sharedTablesAreEnteredOncePerLevelForPages() {
    TestMemory memory = Fixture.legacy();
    for (int index = 0; index < 512; index++) {
      memory
          .at(0x20_0000 + 8L * index, 0x20_1003L)
          .at(0x20_1000 + 8L * index, 0x20_2003L)
          .at(0x20_2000 + 8L * index, 0x20_3003L)
          .at(0x20_3000 + 8L * index, 0x1_0000_0003L);
    }
    List<Long> pages = new ArrayList<>();
    legacy(memory).reachablePages((address, what) -> pages.add(address));
    assertThat(pages).hasSize(6);
    assertThat(mappings(legacy(memory), 5_000)).as("a bounded look ends").hasSize(5_000);
  }

  @Test
  void pointersIntoNothingAreErrorRows() {
    TestMemory memory = Fixture.legacy().at(0x20_1688, 0x7000_0000_2003L);
    assertThat(mappings(legacy(memory), 10).get(0).toString())
        .contains("type=error", "table=0x700000002000", "the table lies outside memory");
    memory.at(0x10_0030, 0x7000_0000_0001L);
    assertThat(mappings(legacy(memory), 10).get(0).toString())
        .contains("type=error", "context-table lies outside memory");
    Latched nowhere = new Latched(true, Latched.TTM_LEGACY, 0x7000_0000_0000L, false, 0);
    Inspector inspector = new VtdInspector(memory, Fixture.LEGACY, new View(nowhere, null));
    assertThat(mappings(inspector, 10).toString()).contains("root-table lies outside memory");
  }

  @Test
  void malformedContextEntries() {
    TestMemory memory = Fixture.legacy().at(0x10_1298, 0x4207L);
    List<Row> devices = new ArrayList<>();
    legacy(memory).devices(devices::add);
    assertThat(devices)
        .singleElement()
        .extracting(Row::toString)
        .isEqualTo("sid=809 rid=03:05.1 state=malformed why=AW=7 is not in CAP.SAGAW");
    assertThat(mappings(legacy(memory), 10)).isEmpty();
  }

  @Test
  void scalableModeListsPasidsInOrder() {
    Inspector inspector =
        new VtdInspector(
            Fixture.scalable(), Fixture.SCALABLE, new View(Fixture.SCALABLE_MODE, null));
    List<Row> rows = mappings(inspector, 10);
    assertThat(rows).hasSize(2);
    assertThat(rows.get(0).toString()).contains("pasid=0", "did=66 rid_pasid=true pgtt=2");
    assertThat(rows.get(1).toString())
        .contains("pasid=4660", "iova=0x7f8123456000", "did=1 rid_pasid=false pgtt=1")
        .endsWith("user=true noexec=false");
  }

  @ParameterizedTest
  @ValueSource(ints = {10_000, 20_000, 30_000})
  @Timeout(60)
  void randomStructuresNeverThrow(int firstSeed) {
    for (int seed = firstSeed; seed < firstSeed + 60; seed++) {
      RandomStructures world = new RandomStructures(seed);
      Inspector inspector =
          new VtdInspector(world.memory, world.capabilities, new View(world.latched, null));
      assertThat(inspector.unit().asText("mode")).isPresent();
      inspector.devices(row -> true);
      inspector.domains(row -> true);
      assertThat(mappings(inspector, 2_000).size()).isLessThanOrEqualTo(2_000);
      Set<Long> pages = new HashSet<>();
      inspector.reachablePages(
          (address, what) -> {
            assertThat(pages.add(address)).isTrue();
            return true;
          });
    }
  }
}
