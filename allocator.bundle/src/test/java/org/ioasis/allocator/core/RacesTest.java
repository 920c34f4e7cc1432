package org.ioasis.allocator.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.ioasis.api.IoasisException;
import org.ioasis.api.ioasid.IoasidEvent;
import org.ioasis.api.ioasid.IoasidListener.Delivery;
import org.ioasis.api.ioasid.IoasidListener.Order;
import org.ioasis.api.ioasid.IoasidPublisher;
import org.ioasis.api.ioasid.IoasidSet;
import org.ioasis.api.ioasid.IoasidState;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.Test;

/**
 * Free against bind against notify, in every order there is. The allocator decides under one lock
 * and tells without it, so between two decisions, anything may run: each listener call is such a
 * place. The test puts every sequence of the other operations into each of them.
 */
class RacesTest {
  /** What the other side does. */
  private enum Move {
    BIND,
    UNBIND,
    FREE,
    ACKNOWLEDGE,
    SECOND_PHASE,
    LATE_LISTENER
  }

  /** What one interleaving left behind. */
  private static final class Scene {
    final Rig rig = new Rig();
    final IoasidSet set = rig.set(1, 10);
    final IoasidPublisher publisher = set.publisher("p");
    final List<IoasidEvent> journal = rig.record(Delivery.QUEUED);
    final List<IoasidEvent> told = new ArrayList<>();
    final List<Runnable> acks = new ArrayList<>();
    Pasid id;
    List<Move> pending = List.of();
    int place;

    Scene(int place) {
      this.place = place;
      rig.listen("both", Order.DRAIN, Delivery.IMMEDIATE, true, this::listen);
      rig.settle();
      id = set.allocate(Rig.any());
    }

    void listen(IoasidEvent event, Runnable ack) {
      assertThat(rig.allocator.books.lock.isMine()).isFalse();
      told.add(event);
      if (event instanceof IoasidEvent.Freed) {
        acks.add(ack);
      }
      if (place-- == 0) {
        List<Move> now = pending;
        pending = List.of();
        now.forEach(this::move);
      }
    }

    void move(Move move) {
      try {
        switch (move) {
          case BIND -> publisher.bound(id, "race");
          case UNBIND -> publisher.unbound(id, "race");
          case FREE -> set.free(id);
          case ACKNOWLEDGE -> List.copyOf(acks).forEach(Runnable::run);
          case SECOND_PHASE -> rig.settle();
          case LATE_LISTENER -> rig.record(Delivery.QUEUED);
        }
      } catch (IoasisException refused) {
        assertThat(refused.getMessage()).contains("FREE"); // BIND of an id that is freed
      }
    }
  }

  private static List<List<Move>> sequences(int length) {
    if (length == 0) {
      return List.of(List.of());
    }
    List<List<Move>> all = new ArrayList<>();
    for (List<Move> shorter : sequences(length - 1)) {
      for (Move move : Move.values()) {
        List<Move> longer = new ArrayList<>(shorter);
        longer.add(move);
        all.add(longer);
      }
    }
    return all;
  }

  @Test
  @Requirement({24, 34})
  void everyInterleavingOfFreeBindAndNotifyIsInOrder() {
    int scenes = 0;
    for (Move first : List.of(Move.BIND, Move.FREE)) {
      for (List<Move> inner : sequences(3)) {
        for (int place = 1; place <= 2; place++) {
          Scene scene = new Scene(place);
          scene.pending = inner;
          scene.move(first);
          scene.move(Move.FREE);
          check(scene, "%s, then %s at %d".formatted(first, inner, place));
          scenes++;
        }
      }
    }
    assertThat(scenes).isEqualTo(2 * 216 * 2);
  }

  private static void check(Scene scene, String name) {
    scene.move(Move.ACKNOWLEDGE);
    scene.rig.settle();
    scene.rig.check();
    assertThat(scene.set.stateOf(scene.id)).as(name).isEqualTo(IoasidState.FREE);
    assertThat(scene.journal).as(name).extracting(IoasidEvent::sequence).isSorted();
    assertThat(new TreeSet<>(scene.journal.stream().map(IoasidEvent::sequence).toList()))
        .as(name)
        .hasSameSizeAs(scene.journal);
    String kinds =
        scene.journal.stream()
            .map(e -> e.getClass().getSimpleName().substring(0, 1))
            .collect(Collectors.joining());
    // Allocated, bindings, Freed once, perhaps Unbound after it, Reclaimed last.
    assertThat(kinds).as(name).matches("A[BU]*FU*R");
    assertThat(scene.told).as(name).containsAll(scene.journal.subList(1, 2));
    assertThat(scene.told).as(name).hasSameSizeAs(scene.journal);
  }

  @Test
  @Requirement({12, 25})
  void aMillionIdsCostNoMoreThanAThousand() {
    Rig rig = new Rig(1 << 20, 0);
    IoasidSet set = rig.set(1, 1_000_000);
    FreeNumbers numbers = rig.allocator.books.numbers;
    long most = 0;
    for (int i = 1; i <= 1_000_000; i++) {
      long before = numbers.probes();
      if (set.allocate(Rig.any().with(set)).value() != i) {
        throw new AssertionError("not the lowest: " + i);
      }
      most = Math.max(most, numbers.probes() - before);
    }
    assertThat(most).isLessThanOrEqualTo(7); // four levels up, three down, however many are out
    for (int i = 1; i <= 1_000_000; i++) {
      if (set.find(i) != set) {
        throw new AssertionError("lost " + i);
      }
    }
    for (int i = 1; i <= 1_000_000; i++) {
      set.free(new Pasid(i));
    }
    assertThat(set.inUse()).isZero();
    assertThat(set.allocate(Rig.any())).isEqualTo(new Pasid(1));
  }
}
