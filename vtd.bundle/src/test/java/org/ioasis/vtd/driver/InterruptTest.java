package org.ioasis.vtd.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.FaultClass;
import org.ioasis.api.driver.InterruptRemapping;
import org.ioasis.api.driver.InterruptRemapping.RemappedInterrupts;
import org.ioasis.api.driver.PasidCommands;
import org.ioasis.api.machine.InterruptSource;
import org.ioasis.api.machine.Scheduler;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Interrupt entries and PASIDs from the unit. */
class InterruptTest {
  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void messagesGoWhereTheEntrySays(Scheduler.Mode mode) {
    try (FullRig rig = new FullRig(mode).started()) {
      DriverDevice device = rig.driver.addDevice(rig.a.facts());
      InterruptRemapping remapping = rig.driver.capability(InterruptRemapping.class).orElseThrow();
      RemappedInterrupts one = remapping.allocate(device, 1);
      RemappedInterrupts block = remapping.allocate(device, 4);
      assertThat(block.address(3)).isEqualTo(0xFEE0_0000L | 4 << 5 | 0x18); // handle 4, SHV
      assertThat(block.data(3)).isEqualTo(3);
      assertThat(rig.unit.mmio().read32(0x1C) >>> 25 & 1).isEqualTo(1);

      AtomicInteger arrived = new AtomicInteger();
      InterruptSource.Vector vector =
          rig.machine.interrupts().allocate("test", arrived::incrementAndGet);
      rig.a.interrupt(block.address(2), block.data(2)); // born masked
      block.retarget(2, vector.address(), vector.data());
      rig.a.interrupt(block.address(2), block.data(2));
      rig.await(() -> arrived.get() == 1);
      rig.b.interrupt(block.address(2), block.data(2)); // not its source
      block.mask(2);
      rig.a.interrupt(block.address(2), block.data(2));
      rig.await(() -> rig.sink.failed.size() == 3);
      assertThat(rig.sink.failed)
          .allMatch(fault -> fault.faultClass() == FaultClass.INTERRUPT)
          .extracting(fault -> fault.code())
          .containsExactly(0x22, 0x26, 0x22);

      assertThat(arrived.get()).isEqualTo(1);

      long descriptor = 0x1234_5640L;
      one.post(0, descriptor, 0x41, true);
      rig.a.interrupt(one.address(0), one.data(0));
      rig.await(() -> rig.machine.memory().load64(descriptor + 8) == 2); // bit 41h of PIR
      assertThatThrownBy(() -> one.post(0, descriptor + 8, 1, false))
          .hasMessageContaining("64-byte");
      assertThatThrownBy(() -> one.retarget(0, 0x1234, 5)).hasMessageContaining("APIC");
      assertThatThrownBy(() -> block.address(4)).hasMessageContaining("4 entries");
      one.close();
      block.close();
      assertThatThrownBy(() -> block.mask(0)).hasMessageContaining("closed");
      assertThat(remapping.allocate(device, 32).address(0)).isEqualTo(0xFEE0_0018L);
      vector.close();
      rig.driver.stop();
      assertThat(rig.frames.allocatedBytes()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void entriesOutliveTheirDriver(Scheduler.Mode mode) {
    try (FullRig rig = new FullRig(mode).started()) {
      DriverDevice device = rig.driver.addDevice(rig.a.facts());
      RemappedInterrupts block =
          rig.driver.capability(InterruptRemapping.class).orElseThrow().allocate(device, 2);
      AtomicInteger arrived = new AtomicInteger();
      InterruptSource.Vector vector =
          rig.machine.interrupts().allocate("test", arrived::incrementAndGet);
      block.retarget(0, vector.address(), vector.data());
      var left = rig.driver.handOver();
      rig.driver = rig.newDriver();
      var report = rig.driver.adopt(left, rig.sink);
      assertThat(report.remarks()).anyMatch(remark -> remark.startsWith("2 interrupt entries"));
      rig.a.interrupt(block.address(0), block.data(0));
      rig.await(() -> arrived.get() == 1);
      DriverDevice again = report.devices().get(0);
      assertThat(
              rig.driver
                  .capability(InterruptRemapping.class)
                  .orElseThrow()
                  .allocate(again, 2)
                  .address(0))
          .isEqualTo(0xFEE0_0018L | 2 << 5);
      vector.close();
    }
  }

  @ParameterizedTest
  @EnumSource(Scheduler.Mode.class)
  void pasidsFromTheUnit(Scheduler.Mode mode) {
    try (FullRig rig = new FullRig(mode).started()) {
      PasidCommands commands = rig.driver.capability(PasidCommands.class).orElseThrow();
      OptionalInt first = commands.allocate();
      OptionalInt second = commands.allocate();
      assertThat(first).isPresent();
      assertThat(second.getAsInt()).isNotEqualTo(first.getAsInt());
      commands.free(first.getAsInt());
      assertThatThrownBy(() -> commands.free(first.getAsInt()))
          .isInstanceOfSatisfying(
              IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND));
    }
  }
}
