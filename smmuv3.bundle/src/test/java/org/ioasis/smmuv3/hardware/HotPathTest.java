package org.ioasis.smmuv3.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import org.ioasis.api.machine.DmaRequest;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a transaction allocates that finds its configuration cached. */
class HotPathTest {
  @ParameterizedTest(name = "StreamID {0}")
  @CsvSource({"1, 0x123456789abc", "2, 0x9812345678", "3, 0x123456789abc", "4, 0x1000"})
  @DisplayName("a hit and a walk allocate nothing")
  void allocatesNothing(int sid, String address) {
    Rig rig = Rig.full();
    rig.poke(Rig.LEAF + 8, 0x50_3F47L).poke(Rig.LEAF_2 + 8, 0x50_37FFL);
    Translator translator = rig.unit.translator();
    Latched latched = rig.unit.latched();
    long iova = Long.decode(address);
    DmaRequest request = new DmaRequest().set(sid, DmaRequest.NO_PASID, iova, 4, 1);
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long best = Long.MAX_VALUE;
    for (int round = 0; round < 15; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 5_000; i++) {
        request.iova(iova + (i & 1) * 0x1000L);
        assert translator.translate(request, latched) >= 0 : "refused";
        if ((i & 7) == 0) {
          translator.caches().invalidateAddresses(0, Rig.ASID, iova, iova, (i & 8) == 0);
          translator.caches().invalidateIpas(Rig.VMID, iova, iova, (i & 8) == 0);
        }
      }
      best = Math.min(best, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(best).as("bytes in 5,000 translations, some of them walks").isLessThan(1_000);
  }
}
