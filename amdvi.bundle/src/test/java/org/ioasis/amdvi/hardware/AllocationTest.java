package org.ioasis.amdvi.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import org.ioasis.api.machine.DmaRequest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hits and walks behind a cached device table entry allocate nothing. */
class AllocationTest {
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void hitsAndWalks(boolean guest) {
    Rig rig = Rig.full().start().hostTables();
    if (guest) {
      rig.poke(0x150000000L, 0x140000001L); // GCR3 table, then a v2 table with one page
      for (long table = 0x140000000L; table < 0x140003000L; table += 0x1000) {
        rig.poke(table, table + 0x1027);
      }
      rig.poke(0x140003000L, 0x9067L, 0xA067L);
      rig.dte(0x60C0000000000003L, 0x42L | 0xA000L << 16 | 2L << 43);
    } else {
      rig.dte(0x6000000123456603L, 0x42);
    }
    long iova = guest ? 0 : 0x1234580000L;
    TranslationCaches caches = rig.unit.translator().caches();
    DmaRequest request = rig.read(Rig.DEVICE, iova);
    assertThat(rig.ask(request)).isPositive();
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long best = Long.MAX_VALUE;
    for (int round = 0; round < 20; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 10_000; i++) {
        request.iova(iova + (i & 1) * 0x1000L);
        rig.unit.translate(request);
        if ((i & 7) == 0) {
          if (guest) {
            caches.invalidateGuestPages(0x42, 0, iova, (i & 8) == 0);
          } else {
            caches.invalidateHostPages(0x42, iova | 0x1000, (i & 8) == 0);
          }
        }
      }
      best = Math.min(best, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(best).as("bytes in 10,000 translations, some of them walks").isLessThan(1_000);
  }
}
