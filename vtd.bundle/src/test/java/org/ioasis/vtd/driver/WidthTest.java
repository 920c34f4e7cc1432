package org.ioasis.vtd.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.machine.Scheduler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Widths of domains, and the levels of their tables, as the unit walks them. */
class WidthTest {
  private static DriverDomain domain(FullRig rig, int stage, int bits) {
    return rig.driver.createDomain(
        new DomainSpec(DomainSpec.Type.PAGING, Set.of(), bits, stage, null, null));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # stage | asked | width | PGTT | levels in the entry
          1       | 0     | 47    | 1    | 4
          1       | 48    | 56    | 1    | 5
          2       | 0     | 48    | 2    | 4
          2       | 32    | 39    | 2    | 3
          2       | 57    | 57    | 2    | 5
          """)
  void theUnitReachesTheLastPage(int stage, int asked, int width, int type, int levels) {
    try (FullRig rig = new FullRig(Scheduler.Mode.INLINE).started()) {
      DriverDomain domain = domain(rig, stage, asked);
      long last = (1L << width) - 1;
      assertThat(domain.limits().windows().get(0).last()).isEqualTo(last);
      DomainBatch batch = domain.batch();
      assertThat(batch.map(last - 0xFFF, 0x7000, 0x1000, 3)).isEqualTo(0x1000);
      batch.sync();
      rig.driver.addDevice(rig.a.facts()).attach(FullRig.NO_PASID, domain);
      assertThat(rig.a.reach(FullRig.NO_PASID, last - 0xFF7, 1)).isEqualTo(0x7008);
      assertThat(rig.a.reach(FullRig.NO_PASID, last - 0x1FF7, 1)).isEqualTo(-1);
      long[] entry =
          new LiteralWalker(rig.machine.memory(), rig.unit.mmio().read64(0x20))
              .pasidEntry(0x329, 0);
      assertThat(entry[0] >>> 6 & 7).isEqualTo(type);
      long told = stage == 1 ? 4 + (entry[2] >>> 2 & 3) : 2 + (entry[0] >>> 2 & 7);
      assertThat(told).isEqualTo(levels);
    }
  }

  @Test
  void whatIsTooWideIsRefusedByItsBits() {
    try (FullRig rig = new FullRig(Scheduler.Mode.INLINE).started()) {
      assertThatThrownBy(() -> domain(rig, 1, 57)).hasMessageContaining("CAP.FS5LP");
      assertThatThrownBy(() -> domain(rig, 2, 58)).hasMessageContaining("CAP.SAGAW");
    }
  }
}
