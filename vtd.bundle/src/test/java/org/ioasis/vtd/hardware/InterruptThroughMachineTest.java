package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.ioasis.api.hardware.HardwareUnit;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.InterruptSource;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.memory.MachineMemory;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.machine.DefaultMachineFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A device's interrupt on its whole way: port, burst, unit, interrupt routing, handler. */
class InterruptThroughMachineTest {
  private static final int SID = 0x329;
  private static final long TABLE = 0x16_0000L;

  private Machine machine;
  private HardwareUnit unit;
  private DmaBurst burst;
  private InterruptSource.Vector vector;
  private final AtomicInteger handled = new AtomicInteger();
  private final List<String> messages = new ArrayList<>();

  @BeforeEach
  void build() {
    machine =
        new DefaultMachineFactory()
            .create(MachineSpec.isolated("test", 48, List.of(MemoryRegion.ram(0, 0x8000_0000L))));
    unit = new VtdFactory().create(machine.environment("dmar0"), VtdProfiles.FULL);
    machine.fabric().install("dmar0", unit);
    EndpointSpec spec = new EndpointSpec("03:05.1", SID, false, false, false, false, 20);
    burst = machine.fabric().join(spec, new Endpoint() {}).burst();
    machine.fabric().port(SID).orElseThrow().open("dmar0");
    vector = machine.interrupts().allocate("device", handled::incrementAndGet);
    machine.interrupts().addSink((to, data) -> messages.add("%x:%x".formatted(to, data)));
  }

  @AfterEach
  void close() {
    vector.close();
    machine.fabric().remove("dmar0");
    unit.close();
    machine.close();
  }

  /** Entry 7 leads to the vector; from this device only. */
  private void enable(long lo) {
    MachineMemory memory = machine.memory();
    memory.store128(TABLE + 16 * 7, lo, 0x4_0000L | SID);
    memory.barrier();
    Mmio mmio = unit.mmio();
    mmio.write64(0xB8, TABLE | 0xF);
    mmio.write32(0x18, 0x0100_0000);
    mmio.write32(0x18, 0x0200_0000);
    assertThat(mmio.read32(0x1C)).isEqualTo(0x0300_0000);
  }

  private long entry() {
    return (vector.address() >>> 12 & 0xFF) << 40 | (vector.data() & 0xFFL) << 16 | 1;
  }

  private MemoryStatus send(long address, int data) {
    DmaRequest request =
        new DmaRequest().set(SID, DmaRequest.NO_PASID, address, 4, DmaRequest.WRITE);
    burst.begin();
    try {
      return burst.store(burst.translate(request), 4, data);
    } finally {
      burst.end();
    }
  }

  @Test
  void aRemappedInterruptReachesTheHandler() {
    enable(entry());
    assertThat(send(0xFEE0_00F8L, 0)).isEqualTo(MemoryStatus.OK);
    assertThat(handled).hasValue(1);
    assertThat(messages)
        .containsExactly("%x:%x".formatted(vector.address(), 0x4000 | vector.data()));
  }

  @Test
  void aRefusedOneGoesNowhereAndIsRecorded() {
    enable(entry() & ~1L);
    assertThat(send(0xFEE0_00F8L, 0)).isEqualTo(MemoryStatus.OK);
    assertThat(handled).hasValue(0);
    assertThat(messages).isEmpty();
    assertThat(unit.mmio().read64(0x220)).isEqualTo(7L << 48);
    assertThat(unit.mmio().read64(0x228)).isEqualTo(0x8000_0022_0000_0329L);
  }

  @Test
  void withoutRemappingTheDeviceReachesTheVectorItself() {
    send(vector.address(), vector.data());
    assertThat(handled).hasValue(1);
  }
}
