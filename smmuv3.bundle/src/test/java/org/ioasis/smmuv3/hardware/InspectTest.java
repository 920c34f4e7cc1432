package org.ioasis.smmuv3.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.ioasis.api.inspect.Inspector;
import org.ioasis.api.inspect.Row;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The inspector on worked examples and on structures that loop or lead nowhere. */
class InspectTest {
  private static List<String> mappings(Rig rig, int sid, int limit) {
    List<String> rows = new ArrayList<>();
    rig.unit
        .inspector()
        .mappings(
            sid,
            row -> {
              rows.add(row.toString());
              return rows.size() < limit;
            });
    return rows;
  }

  @Test
  @DisplayName("the worked examples")
  void examples() {
    Rig rig = Rig.full();
    assertThat(mappings(rig, Rig.SID, 9))
        .containsExactly(
            "sid=1 rid=00:00.1 pasid=null type=map iova=0x123456789000 size=0x1000 pa=0x500000"
                + " read=true write=true level=3 pte=0x500f47 stage=1 asid=42 af=true ng=true");
    assertThat(mappings(rig, Rig.SID_2, 9))
        .containsExactly(
            "sid=2 rid=00:00.2 pasid=null type=map iova=0x9812345000 size=0x1000 pa=0x501000"
                + " read=true write=true level=3 pte=0x5017ff stage=2 vmid=5 af=true");
    assertThat(mappings(rig, Rig.SID_NESTED, 9)).hasSize(2);
    assertThat(mappings(rig, Rig.SID_BYPASS, 9))
        .containsExactly("sid=4 rid=00:00.4 pasid=null type=bypass");
    assertThat(mappings(rig, Inspector.ALL_SOURCES, 99)).hasSize(5);
  }

  @Test
  @DisplayName("rights over all levels, the upper half, SubstreamIDs")
  void more() {
    Rig rig = Rig.full().poke(0x40_2598, 0x40_3003L | 1L << 62);
    assertThat(mappings(rig, Rig.SID, 9).get(0)).contains("read=true write=false");
    rig.poke(Rig.CD, 0x002A_E205_8090_3510L, Rig.TTB, 0x43_0000);
    rig.poke(0x43_0000 + 511 * 8, 0x43_1003L).poke(0x43_1000, 0x4000_0F45L);
    assertThat(mappings(rig, Rig.SID, 9).get(1))
        .contains("iova=0xffffff8000000000 size=0x40000000 pa=0x40000000", "level=1");
    rig.poke(Rig.STREAMS + 64, 0x2000_0000_0000_000BL | Rig.CD, 1);
    rig.poke(Rig.CD, 0).poke(Rig.CD + 320, Rig.CD_Q0, Rig.TTB);
    assertThat(mappings(rig, Rig.SID, 9).get(0)).contains("pasid=5");
  }

  @Test
  @DisplayName("devices and domains")
  void devicesAndDomains() {
    Rig rig = Rig.full().poke(Rig.STREAMS + 320, 1, 0).poke(Rig.STREAMS + 384, 0xDL, 0, 0, 0);
    List<String> devices = new ArrayList<>();
    rig.unit.inspector().devices(row -> devices.add(row.toString()));
    assertThat(devices).hasSize(6);
    assertThat(devices.get(0)).contains("state=translated translation=stage 1 world=NS-EL1");
    assertThat(devices.get(4)).isEqualTo("sid=5 rid=00:00.5 state=abort");
    assertThat(devices.get(5)).contains("state=malformed why=S2AA64=0");
    List<String> domains = new ArrayList<>();
    rig.unit.inspector().domains(row -> domains.add(row.toString()));
    assertThat(domains).hasSize(4);
    Row unit = rig.unit.inspector().unit();
    assertThat(unit.asText("stream-table-format")).contains("linear");
    assertThat(unit.asLong("stream-table")).contains(Rig.STREAMS);
  }

  @Test
  @DisplayName("every page of structures, once")
  void pages() {
    List<String> pages = new ArrayList<>();
    Rig.full()
        .unit
        .inspector()
        .reachablePages((address, what) -> pages.add(Long.toHexString(address) + " " + what));
    assertThat(pages)
        .contains("100000 stream-table", "300000 cd-table", "400000 s1-table", "403000 s1-table")
        .contains("410000 s2-table", "411000 s2-table", "414000 s2-table", "420000 s2-table")
        .contains("200000 command-queue", "210000 event-queue", "220000 pri-queue")
        .doesNotHaveDuplicates();
  }

  @Test
  @Timeout(20)
  @DisplayName("tables that point at themselves, tables outside memory")
  void loops() {
    Rig rig = Rig.full();
    for (int index = 0; index < 512; index++) {
      rig.poke(Rig.TTB + 8L * index, Rig.TTB | 3);
    }
    assertThat(mappings(rig, Rig.SID, 2_000))
        .hasSize(512)
        .allMatch(row -> row.contains("error=the table is already on its own path"));
    rig.poke(Rig.CD + 8, 0x7000_0000L);
    assertThat(mappings(rig, Rig.SID, 9).get(0)).contains("type=error", "lies outside memory");
    rig.poke(Rig.STREAMS + 64, 0x7000_0000L | 0xB);
    assertThat(mappings(rig, Rig.SID, 9).get(0)).contains("cd-table lies outside memory");
  }

  @Test
  @Timeout(60)
  @DisplayName("random structures: every view ends and nothing throws")
  void random() {
    for (int seed = 50_000; seed < 50_060; seed++) {
      RandomStructures world = new RandomStructures(seed);
      UnitView view =
          new UnitView() {
            @Override
            public Latched latched() {
              return world.latched;
            }

            @Override
            public long register(int offset) {
              return 0;
            }

            @Override
            public Translator translator() {
              return null;
            }
          };
      Inspector inspector = new SmmuInspector(world.memory, world.capabilities, view);
      assertThat(inspector.unit().asText("kind")).contains("smmuv3");
      inspector.devices(row -> true);
      inspector.domains(row -> true);
      int[] rows = {0};
      inspector.mappings(Inspector.ALL_SOURCES, row -> ++rows[0] < 2_000);
      assertThat(rows[0]).isLessThanOrEqualTo(2_000);
      Set<Long> pages = new HashSet<>();
      inspector.reachablePages(
          (address, what) -> {
            assertThat(pages.add(address)).isTrue();
            return pages.size() < 500;
          });
    }
  }
}
