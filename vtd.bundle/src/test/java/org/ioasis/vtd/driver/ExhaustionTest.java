package org.ioasis.vtd.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.ChangeMode;
import org.ioasis.api.driver.DeviceFacts;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.driver.DriverEnvironment;
import org.ioasis.api.driver.DriverState;
import org.ioasis.api.driver.InterruptRemapping;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.memory.FrameAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames run out at every place where one is taken; nothing leaks and the driver goes on. */
class ExhaustionTest {
  private static final int NO_PASID = DmaRequest.NO_PASID;
  private static final long IOVA = 0x4000_0000L;

  /** Allocations that still succeed. */
  private int left = Integer.MAX_VALUE;

  private FrameAllocator limited(FrameAllocator frames) {
    return (FrameAllocator)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {FrameAllocator.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("allocate") && left-- <= 0) {
                throw new IoasisException(Reason.EXHAUSTED, "no frames");
              }
              try {
                return method.invoke(frames, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private FullRig rig(long legacy) {
    FullRig rig = new FullRig(Scheduler.Mode.INLINE);
    DriverEnvironment plain = rig.environment;
    rig.driver =
        new VtdDriverFactory()
            .create(
                new DriverEnvironment(
                    plain.unitId(),
                    plain.mmio(),
                    plain.memory(),
                    limited(plain.frames()),
                    plain.interrupts(),
                    plain.time(),
                    plain.devices()),
                Map.of("legacy", legacy));
    return rig;
  }

  /** Runs a step that may lack frames; says whether it was done. */
  private static boolean tried(Runnable step) {
    try {
      step.run();
      return true;
    } catch (IoasisException e) {
      assertThat(e.reason()).isEqualTo(Reason.EXHAUSTED);
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1})
  void everyStepCanLackFrames(long legacy) {
    boolean more = true;
    for (int limit = 0; more; limit++) {
      left = Integer.MAX_VALUE;
      try (FullRig rig = rig(legacy).started()) {
        left = limit;
        more = !run(rig);
        left = Integer.MAX_VALUE;
        // Whatever happened, everything works now.
        DriverDomain domain = rig.paging(2);
        DomainBatch batch = domain.batch();
        assertThat(batch.map(IOVA, 0x7000, 0x1000, 3)).isEqualTo(0x1000);
        DriverDevice device = rig.driver.addDevice(rig.b.facts());
        device.attach(NO_PASID, domain);
        assertThat(rig.b.reach(NO_PASID, IOVA, 1)).isEqualTo(0x7000);
        rig.driver.stop();
        assertThat(rig.frames.allocatedBytes()).as("limit %d", limit).isZero();
        assertThat(limit).isLessThan(60);
      }
    }
  }

  /** A life of a device; false if a step lacked frames. */
  private boolean run(FullRig rig) {
    DriverDomain[] domains = new DriverDomain[2];
    if (!tried(() -> domains[0] = rig.paging(2)) || !tried(() -> domains[1] = rig.paging(2))) {
      return false;
    }
    DomainBatch batch = domains[0].batch();
    long mapped = batch.map(IOVA, 0x20_0000, 0x60_1000, 3);
    if (mapped < 0x60_1000) {
      assertThat(batch.shortfall()).isEqualTo(Reason.EXHAUSTED);
      return false;
    }
    if (!tried(() -> batch.unmap(IovaRange.of(IOVA + 0x20_1000, 0x1000)))) {
      return false;
    }
    batch.sync();
    DriverDevice device =
        rig.driver.addDevice(new DeviceFacts(rig.a.spec(), List.of(0x450), false));
    boolean done = tried(() -> device.attach(NO_PASID, domains[0]));
    assertThat(rig.a.reach(NO_PASID, IOVA, 1)).isEqualTo(done ? 0x20_0000 : -1);
    if (done) {
      done = tried(() -> device.replace(NO_PASID, domains[0], domains[1], ChangeMode.HITLESS));
      assertThat(device.attachments().get(0).domain()).isEqualTo(domains[done ? 1 : 0]);
      assertThat(rig.a.reach(NO_PASID, IOVA, 1)).isEqualTo(done ? -1 : 0x20_0000);
    }
    return done
        && tried(
            () ->
                rig.driver.capability(InterruptRemapping.class).orElseThrow().allocate(device, 1));
  }

  @Test
  void aStartWithoutFramesLeavesNothing() {
    for (int limit = 0; limit < 3; limit++) {
      left = Integer.MAX_VALUE;
      try (FullRig rig = rig(0)) {
        left = limit;
        assertThatThrownBy(rig::started)
            .isInstanceOfSatisfying(
                IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.EXHAUSTED));
        assertThat(rig.frames.allocatedBytes()).isZero();
        left = Integer.MAX_VALUE;
        rig.started();
        assertThat(rig.driver.state()).isEqualTo(DriverState.RUNNING);
      }
    }
  }
}
