package org.ioasis.allocator.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.allocator.core.Rig.any;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.api.ioasid.IoasidEvent;
import org.ioasis.api.ioasid.IoasidLease;
import org.ioasis.api.ioasid.IoasidListener.Delivery;
import org.ioasis.api.ioasid.IoasidListener.Order;
import org.ioasis.api.ioasid.IoasidSet;
import org.ioasis.api.ioasid.IoasidState;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The order of an id's end with those whom it is for: a device that writes to memory with the id
 * until it is told to stop, a VT-d unit that has the id's translation cached, and its driver.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EndOfDmaTest {
  private static final int ROUNDS = 10;

  private final Rig rig = new Rig();
  private final IoasidSet set = rig.set(1, 8);
  private final List<String> steps = new ArrayList<>();
  private final List<Pasid> others = new ArrayList<>();
  private VtdScene.Engine engine;
  private DriverDomain domain;
  private Pasid id;

  /** What is to be done on FREE, before it is acknowledged. */
  private interface Step {
    void run(int pasid);
  }

  private void onFree(Order order, Step step) {
    rig.listen(
        order.name(),
        order,
        Delivery.QUEUED,
        true,
        (event, acknowledge) -> {
          if (event instanceof IoasidEvent.Freed freed && freed.id().equals(id)) {
            steps.add(order.name());
            step.run(freed.id().value());
            notReused();
          }
          acknowledge.run();
        });
  }

  /** At no step is the number anybody's. */
  private void notReused() {
    assertThat(set.stateOf(id)).isEqualTo(IoasidState.FREE_PENDING);
    Pasid other = set.allocate(any());
    assertThat(other).isNotEqualTo(id);
    others.add(other);
  }

  @Test
  @Requirement(33)
  void dmaStopsThenFaultsDrainThenTranslationsGoThenTheNumberIsReused() {
    try (VtdScene scene = new VtdScene()) {
      onFree(Order.INVALIDATE, pasid -> invalidate(scene, pasid)); // the last comes first
      onFree(Order.DRAIN, pasid -> drain(scene, pasid));
      onFree(Order.QUIESCE, pasid -> quiesce(scene, pasid));
      rig.settle();
      Pasid first = null;
      for (int round = 0; round < ROUNDS; round++) {
        long page = 0x10_0000 + round * 0x1000L;
        id = set.allocate(any());
        first = first == null ? id : first;
        assertThat(id).isEqualTo(first); // the same number again, behind it another page
        IoasidLease lease = set.lease(id, "nic");
        domain = scene.leadingTo(page);
        scene.device.attach(id.value(), domain);
        engine = scene.new Engine(id.value());
        engine.awaitWrites(20);
        assertThat(scene.reaches(id.value())).isEqualTo(page);
        steps.clear();
        scene.faults.clear();

        set.free(id);
        lease.close(); // alone, this does not make the number free
        rig.settle();

        assertThat(rig.failures).isEmpty();
        assertThat(steps).containsExactly("QUIESCE", "DRAIN", "INVALIDATE");
        assertThat(set.stateOf(id)).isEqualTo(IoasidState.FREE);
        assertThat(engine.refused).hasValue(0); // no write was cut off: DMA had ended before
        assertThat(scene.machine.memory().load64(page)).isEqualTo(engine.writes.get());
        assertThat(scene.reaches(id.value())).isEqualTo(-1);
        others.forEach(set::free);
        others.clear();
        rig.settle();
      }
      for (int round = 0; round < ROUNDS - 1; round++) { // no round wrote to another's page
        assertThat(scene.machine.memory().load64(0x10_0000 + round * 0x1000L)).isPositive();
      }
    }
  }

  private void quiesce(VtdScene scene, int pasid) {
    assertThat(scene.reaches(pasid)).isPositive(); // the entry is still there
    engine.stop();
  }

  private void drain(VtdScene scene, int pasid) {
    assertThat(engine.isRunning()).isFalse();
    assertThat(scene.driver.drain(VtdScene.SID, pasid)).isEqualTo(SyncResult.COMPLETE);
    assertThat(scene.faults).hasSize(1); // the last thing that the device did
    assertThat(scene.faults.get(0).pasid()).isEqualTo(pasid);
    assertThat(scene.reaches(pasid)).isPositive();
  }

  private void invalidate(VtdScene scene, int pasid) {
    assertThat(scene.faults).hasSize(1);
    assertThat(scene.device.detach(pasid, domain)).isEqualTo(SyncResult.COMPLETE);
    domain.close();
    assertThat(scene.reaches(pasid)).isEqualTo(-1);
    scene.faults.clear();
  }

  /**
   * The unit does keep translations: without the last step the number would lead to the old page.
   */
  @Test
  void whoeverForgetsToInvalidateIsFound() {
    try (VtdScene scene = new VtdScene()) {
      onFree(Order.QUIESCE, pasid -> quiesce(scene, pasid));
      rig.settle();
      id = set.allocate(any());
      domain = scene.leadingTo(0x10_0000);
      scene.device.attach(id.value(), domain);
      engine = scene.new Engine(id.value());
      engine.awaitWrites(5);
      set.free(id);
      rig.settle();
      assertThat(set.stateOf(id)).isEqualTo(IoasidState.FREE);
      assertThat(scene.reaches(id.value())).isEqualTo(0x10_0000);
    }
  }
}
