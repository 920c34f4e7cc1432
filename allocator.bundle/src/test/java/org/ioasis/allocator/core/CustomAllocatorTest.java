package org.ioasis.allocator.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.allocator.core.Rig.any;
import static org.ioasis.allocator.core.Rig.id;
import static org.ioasis.allocator.core.SetRequirementsTest.refused;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.IntBinaryOperator;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.ioasid.CustomAllocator;
import org.ioasis.api.ioasid.IoasidSet;
import org.ioasis.api.ioasid.IoasidState;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.api.ioasid.SetExport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody else chooses the numbers: takes over, falls away, and does it all wrong. */
class CustomAllocatorTest {
  private final Rig rig = new Rig(1024, 0);
  private final IoasidSet set = rig.set(1, 100);

  /** Chooses from a list, and remembers what came back. */
  private static class Chooser implements CustomAllocator {
    final Deque<Integer> numbers = new ArrayDeque<>();
    final List<Integer> back = new ArrayList<>();
    final String name;

    Chooser(String name, int... numbers) {
      this.name = name;
      for (int number : numbers) {
        this.numbers.add(number);
      }
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public OptionalInt allocate(int min, int max) {
      return numbers.isEmpty() ? OptionalInt.empty() : OptionalInt.of(numbers.poll());
    }

    @Override
    public void free(int id) {
      back.add(id);
    }
  }

  /** Chooses by a function. */
  private static Chooser by(IntBinaryOperator choice) {
    return new Chooser("vcmd") {
      @Override
      public OptionalInt allocate(int min, int max) {
        return OptionalInt.of(choice.applyAsInt(min, max));
      }
    };
  }

  private void nothingChanged(int out) {
    assertThat(set.inUse()).isEqualTo(out);
    assertThat(rig.client.capacity().inUse()).isEqualTo(out);
    rig.check();
  }

  @Test
  void takesOverWithIdsOutAndFallsBack() {
    Pasid own = set.allocate(any().with("own"));
    Chooser chooser = new Chooser("vcmd", 500, 501);
    rig.allocator.customAllocator(chooser);
    Pasid chosen = set.allocate(any().with("chosen"));
    assertThat(chosen).isEqualTo(id(500));
    assertThat(set.find(own.value())).isEqualTo("own");
    set.free(own);
    rig.settle();
    assertThat(chooser.back).isEmpty(); // it was never the chooser's
    set.free(chosen);
    rig.settle();
    assertThat(chooser.back).containsExactly(500);
    Pasid kept = set.allocate(any().with("kept"));
    assertThat(kept).isEqualTo(id(501));

    assertThat(rig.allocator.dropCustomAllocator(new Chooser("another"))).isFalse();
    assertThat(rig.allocator.dropCustomAllocator(chooser)).isTrue();
    assertThat(set.allocate(any())).isEqualTo(id(1)); // the allocator's choice again
    assertThat(set.find(501)).isEqualTo("kept");
    set.free(kept);
    rig.settle();
    assertThat(chooser.back).containsExactly(500); // nobody calls one that has gone
    assertThat(set.stateOf(kept)).isEqualTo(IoasidState.FREE);
    nothingChanged(1);
  }

  /** A number that was out before the chooser came becomes its own; it is asked for another. */
  @Test
  void namesWhatIsOutAndIsAskedAgain() {
    Pasid one = set.allocate(any());
    Pasid two = set.allocate(any());
    Chooser chooser = new Chooser("vcmd", 1, 2, 3);
    rig.allocator.customAllocator(chooser);
    assertThat(set.allocate(any())).isEqualTo(id(3));
    set.free(one);
    set.free(two);
    rig.settle();
    assertThat(chooser.back).containsExactlyInAnyOrder(1, 2);
    assertThat(rig.client.counters()).containsEntry("custom.failed", 0L);
  }

  /** The unit behind the chooser was reset: it knows nothing of what it had handed out. */
  @Test
  void vanishesWhileIdsAreOutAndComesBackWithoutAMemory() {
    Chooser first = new Chooser("vcmd", 7, 8);
    rig.allocator.customAllocator(first);
    Pasid seven = set.allocate(any().with("seven"));
    Pasid eight = set.allocate(any());
    rig.allocator.dropCustomAllocator(first);
    set.free(eight);
    Chooser second = new Chooser("vcmd", 7, 8);
    rig.allocator.customAllocator(second);
    assertThat(set.allocate(any())).isEqualTo(eight); // 7 is still out
    assertThat(set.find(seven.value())).isEqualTo("seven");
    set.free(seven);
    rig.settle();
    assertThat(second.back).containsExactly(8, 7); // freed meanwhile, and now
    assertThat(first.back).isEmpty();
  }

  @Test
  void handsOutADuplicate() {
    rig.allocator.customAllocator(by((min, max) -> 9));
    Pasid nine = set.allocate(any().with("nine"));
    refused(Reason.HARDWARE, "vcmd named 0x9", () -> set.allocate(any()));
    assertThat(set.find(nine.value())).isEqualTo("nine");
    assertThat(rig.client.counters()).containsEntry("custom.failed", 1L);
    nothingChanged(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 256, 1023, 1024, 1 << 20, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void namesWhatIsBeyondTheBoundOrReserved(int number) {
    rig.allocator.customAllocator(by((min, max) -> number));
    refused(Reason.HARDWARE, "not of 0x1..0xff", () -> set.allocate(Rig.within(8)));
    nothingChanged(0);
  }

  /** A capacity below what the chooser's unit has. */
  @Test
  void namesWhatIsBeyondTheCapacity() {
    rig.allocator.customAllocator(by((min, max) -> 5000));
    refused(Reason.HARDWARE, "named 0x1388", () -> set.allocate(any()));
    nothingChanged(0);
  }

  @Test
  void hasNoneThrowsOrAnswersNull() {
    rig.allocator.customAllocator(new Chooser("empty"));
    refused(Reason.EXHAUSTED, "empty has no number", () -> set.allocate(any()));
    rig.allocator.customAllocator(
        by(
            (min, max) -> {
              throw new IllegalStateException("the unit hangs");
            }));
    refused(Reason.HARDWARE, "the unit hangs", () -> set.allocate(any()));
    rig.allocator.customAllocator(
        new Chooser("null") {
          @Override
          public OptionalInt allocate(int min, int max) {
            return null;
          }
        });
    refused(Reason.HARDWARE, "null answered null", () -> set.allocate(any()));
    rig.allocator.customAllocator(by((min, max) -> set.allocate(any()).value()));
    refused(Reason.HARDWARE, "allocates while it chooses", () -> set.allocate(any()));
    nothingChanged(0);
  }

  @Test
  void throwsWhenANumberComesBack() {
    Chooser bad =
        new Chooser("vcmd", 3, 4) {
          @Override
          public void free(int id) {
            super.free(id);
            throw new IllegalStateException("no");
          }
        };
    rig.allocator.customAllocator(bad);
    set.allocate(any());
    set.allocate(any());
    set.clear();
    rig.settle();
    assertThat(bad.back).containsExactly(3, 4); // the first failure keeps nothing from the second
    assertThat(rig.failures).containsOnly("custom allocator vcmd");
    assertThat(rig.client.counters()).containsEntry("custom.failed", 2L);
    nothingChanged(0);
  }

  /** The quota is checked first and returned: a chooser is not asked in vain and loses nothing. */
  @Test
  void isNotAskedBeyondTheQuotaAndGetsBackWhatWasNotUsed() {
    Chooser chooser = new Chooser("vcmd", 20, 21, 22);
    rig.allocator.customAllocator(chooser);
    set.adjust(1);
    set.allocate(any());
    refused(Reason.EXHAUSTED, "quota 1", () -> set.allocate(any()));
    assertThat(chooser.numbers).hasSize(2);
    set.adjust(10);
    Chooser destroys =
        new Chooser("vcmd", 30) {
          @Override
          public OptionalInt allocate(int min, int max) {
            set.destroy();
            return super.allocate(min, max);
          }
        };
    rig.allocator.customAllocator(destroys);
    refused(Reason.BUSY, "being destroyed", () -> set.allocate(any()));
    rig.settle();
    assertThat(destroys.back).contains(30);
    assertThat(rig.client.sets()).hasSize(1); // the system set: nothing keeps the other one
    nothingChanged(0);
  }

  @Test
  void servesAnImportOrUndoesIt() {
    Rig there = new Rig();
    IoasidSet source = there.set(9, 3);
    source.allocate(any().as(1));
    source.allocate(any().as(2));
    source.freeze();
    SetExport export = source.export();
    Chooser chooser = new Chooser("vcmd", 40, 41);
    rig.allocator.customAllocator(chooser);
    IoasidSet moved = rig.client.importSet(export, false, List.of());
    assertThat(moved.hostOf(1)).hasValue(40);
    assertThat(moved.hostOf(2)).hasValue(41);
    moved.destroy();
    rig.settle();
    assertThat(chooser.back).containsExactly(40, 41);
    chooser.numbers.add(42);
    refused(Reason.EXHAUSTED, "no number", () -> rig.client.importSet(export, false, List.of()));
    rig.settle();
    assertThat(chooser.back).containsExactly(40, 41, 42);
    nothingChanged(0);
  }

  /** A successor of the allocator knows whose the numbers are. */
  @Test
  void getsItsNumbersBackFromASuccessorOfTheAllocator() {
    rig.allocator.customAllocator(new Chooser("vcmd", 60));
    Pasid sixty = set.allocate(any());
    Map<String, Object> left = HandOver.leave(rig.clients);
    Clients clients = HandOver.take(rig.around, left);
    clients.serve();
    Chooser again = new Chooser("vcmd");
    clients.allocator().customAllocator(again);
    clients.client(7, "test").set(set.handle()).free(sixty);
    for (int i = 0; i < 3; i++) {
      clients.allocator().pump();
      rig.tasks.forEach(Runnable::run);
      rig.tasks.clear();
    }
    assertThat(again.back).containsExactly(60);
  }

  @Test
  void isBusyForTooLong() throws Exception {
    rig.time.patienceMillis = 20;
    var inside = new java.util.concurrent.CountDownLatch(1);
    var go = new java.util.concurrent.CountDownLatch(1);
    rig.allocator.customAllocator(
        by(
            (min, max) -> {
              inside.countDown();
              try {
                go.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              return 77;
            }));
    List<Throwable> thrown = new ArrayList<>();
    Thread slow = Rig.start(() -> set.allocate(any()), thrown::add);
    inside.await();
    refused(Reason.TIMED_OUT, "busy for too long", () -> set.allocate(any()));
    go.countDown();
    slow.join();
    assertThat(thrown).isEmpty();
    assertThat(set.stateOf(id(77))).isEqualTo(IoasidState.IDLE);
    nothingChanged(1);
  }

  /** Whatever a chooser does, the books stay right. */
  @Test
  void cannotHarmTheBooks() {
    java.util.Random random = new java.util.Random(20250607);
    List<Pasid> out = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      int answer = random.nextInt(80) - 5;
      Chooser mad =
          by(
              (min, max) -> {
                if (answer == 13) {
                  throw new IllegalStateException("13");
                }
                return random.nextInt(3) == 0 ? answer : random.nextInt(64);
              });
      if (random.nextInt(4) == 0) {
        rig.allocator.customAllocator(mad);
      }
      try {
        Pasid id = set.allocate(Rig.within(6));
        assertThat(out).doesNotContain(id);
        out.add(id);
      } catch (IoasisException refused) {
        assertThat(refused.reason()).isIn(Reason.HARDWARE, Reason.EXHAUSTED);
      }
      if (out.size() > 40 || (random.nextInt(3) == 0 && !out.isEmpty())) {
        set.free(out.remove(random.nextInt(out.size())));
      }
      rig.settle();
      nothingChanged(out.size());
    }
  }
}
