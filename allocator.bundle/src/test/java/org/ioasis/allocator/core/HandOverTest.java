package org.ioasis.allocator.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.allocator.core.Rig.any;
import static org.ioasis.allocator.core.SetRequirementsTest.refused;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ioasis.api.Reason;
import org.ioasis.api.ioasid.IoasidEvent;
import org.ioasis.api.ioasid.IoasidLease;
import org.ioasis.api.ioasid.IoasidListener.Delivery;
import org.ioasis.api.ioasid.IoasidListener.Order;
import org.ioasis.api.ioasid.IoasidPublisher;
import org.ioasis.api.ioasid.IoasidSet;
import org.ioasis.api.ioasid.IoasidState;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.api.ioasid.SetToken;
import org.junit.jupiter.api.Test;

class HandOverTest {
  private final Rig rig = new Rig();

  @Test
  void nothingIsLostAndNothingHandedOutTwice() {
    IoasidSet set = rig.set(1, 10);
    IoasidSet child = set.allocateChild(new SetToken("guest", 1), 3);
    Object data = new Object();
    Pasid a = set.allocate(any().as(7).with(data));
    Pasid b = child.allocate(any());
    Pasid c = set.allocate(any());
    IoasidLease lease = set.lease(a, "old");
    IoasidPublisher publisher = set.publisher("vfio");
    publisher.bound(a, "domain");
    rig.listen("acks", Order.INVALIDATE, Delivery.QUEUED, true, (e, ack) -> {});
    set.free(c); // never acknowledged

    Map<String, Object> left = HandOver.leave(rig.clients);
    refused(Reason.GONE, "get the service again", () -> set.allocate(any()));
    assertThat(set.find(a.value())).isNull();
    Clients clients = takeOver(left);
    Allocator allocator = clients.allocator();
    Client client = clients.client(7, "test");
    IoasidSet again = client.set(set.handle());
    assertThat(again.find(a.value())).isSameAs(data);
    assertThat(again.hostOf(7)).hasValue(a.value());
    assertThat(again.stateOf(a)).isEqualTo(IoasidState.ACTIVE);
    assertThat(again.stateOf(c)).isEqualTo(IoasidState.FREE_PENDING);
    assertThat(client.set(child.handle()).inUse()).isOne();
    assertThat(again.allocate(any()).value()).isEqualTo(4);
    assertThat(client.holders()).extracting(h -> h.holder()).containsExactly("old");

    List<IoasidEvent> events = new ArrayList<>();
    allocator.addListener(
        (event, ack) -> events.add(event),
        ListenerOptions.of("late", Order.OBSERVE, Delivery.QUEUED, false));
    rig.time.advance(Rig.TIMEOUT);
    for (int i = 0; i < 9; i++) {
      allocator.pump();
      while (!rig.tasks.isEmpty()) {
        rig.tasks.poll().run();
      }
    }
    assertThat(again.stateOf(c)).isEqualTo(IoasidState.FREE);
    lease.close(); // taken from the old instance
    assertThat(again.stateOf(a)).isEqualTo(IoasidState.IDLE);
    publisher.close();
    assertThat(again.snapshot().get(0).bindings()).isZero();
    again.free(a);
    assertThat(again.allocate(any())).isEqualTo(a);
    assertThat(b.value()).isEqualTo(2);
    assertThat(events.get(0).getClass().getSimpleName()).isEqualTo("Allocated");
  }

  @Test
  void whatIsClosedWhileThereIsNoAllocatorIsClosedByTheNext() {
    IoasidSet set = rig.set(1, 10);
    Pasid a = set.allocate(any());
    IoasidLease lease = set.lease(a, "old");
    set.free(a);
    Map<String, Object> left = HandOver.leave(rig.clients);
    lease.close();
    Clients clients = takeOver(left);
    assertThat(clients.client(7, "test").set(set.handle()).stateOf(a)).isEqualTo(IoasidState.FREE);
  }

  /** What lies in the box can be read again and again until somebody takes it for good. */
  @Test
  void booksThatCannotBeReadStayAsTheyAre() {
    IoasidSet set = rig.set(1, 10);
    Pasid a = set.allocate(any());
    IoasidLease lease = set.lease(a, "old");
    set.free(a);
    Map<String, Object> left = HandOver.leave(rig.clients);
    lease.close(); // waits in the relay
    left.put("version", 99);
    refused(Reason.MALFORMED, "99", () -> HandOver.take(rig.around, left));
    left.put("version", 2);
    Object sets = left.put("sets", "nonsense");
    refused(Reason.MALFORMED, "damaged", () -> HandOver.take(rig.around, left));
    left.put("sets", sets);
    Clients first = HandOver.take(rig.around, left);
    assertThat(first.client(7, "test").set(set.handle()).stateOf(a))
        .isEqualTo(IoasidState.FREE_PENDING); // not served yet: the message still waits
    Clients second = takeOver(left);
    assertThat(second.client(7, "test").set(set.handle()).stateOf(a)).isEqualTo(IoasidState.FREE);
  }

  private Clients takeOver(Map<String, Object> left) {
    Clients clients = HandOver.take(rig.around, left);
    clients.serve();
    return clients;
  }

  @Test
  void aBundleThatGoesTakesWithItWhatItHad() {
    Client other = rig.clients.client(8, "other");
    IoasidSet mine = rig.set(1, 10);
    IoasidSet theirs = other.allocateSet(new SetToken("vm", 2), 10);
    Pasid a = mine.allocate(any());
    Pasid b = other.set(mine.handle()).allocate(any());
    Pasid c = theirs.allocate(any());
    other.set(mine.handle()).lease(a, "theirs");
    rig.clients.gone(8);
    assertThat(mine.stateOf(a)).isEqualTo(IoasidState.IDLE);
    assertThat(mine.stateOf(b)).isEqualTo(IoasidState.FREE);
    assertThat(rig.client.findSet(c)).isEmpty();
    refused(Reason.NOT_FOUND, "destroyed", () -> rig.client.set(theirs.handle()));
    assertThat(rig.client.holders()).isEmpty();
    rig.check();
  }
}
