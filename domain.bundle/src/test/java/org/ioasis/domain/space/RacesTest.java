package org.ioasis.domain.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.ioasis.domain.space.Rig.PAGE;
import static org.ioasis.domain.space.Rig.R;
import static org.ioasis.domain.space.Rig.RW;
import static org.ioasis.domain.space.Rig.at;
import static org.ioasis.domain.space.Rig.range;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.AccessUser;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.Translator;
import org.ioasis.api.domain.UnmapMode;
import org.ioasis.api.machine.Translation;
import org.ioasis.domain.memory.Source;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes that meet: held at chosen points, and by chance. */
@Timeout(60)
class RacesTest {
  private final Rig rig = new Rig(1L << 26);
  private final Space space = rig.space("s");
  private final AddressSpace view = new IoasClient(rig.spaces, rig.alice).space(space.handle());
  private final Source memory = rig.anonymous(256 * PAGE, false);
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void close() {
    threads.shutdownNow();
    rig.close();
  }

  /** A place where the first thread that comes by is held. */
  private static final class Gate implements Runnable {
    final CountDownLatch reached = new CountDownLatch(1);
    final CountDownLatch opened = new CountDownLatch(1);
    private final AtomicBoolean armed = new AtomicBoolean(true);

    @Override
    public void run() {
      if (armed.compareAndSet(true, false)) {
        reached.countDown();
        await(opened);
      }
    }

    static void await(CountDownLatch latch) {
      try {
        assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private void map(long iova) {
    space.map(memory, 0, PAGE, RW, at(iova), 0);
  }

  private void unmap(long iova) {
    assertThat(space.unmap(range(iova, PAGE), UnmapMode.WHOLE)).isEqualTo(PAGE);
  }

  private Future<?> start(Runnable action) {
    return threads.submit(action);
  }

  private static boolean isWaiting(Future<?> future) throws Exception {
    try {
      future.get(100, TimeUnit.MILLISECONDS);
      return false;
    } catch (java.util.concurrent.TimeoutException e) {
      return true;
    }
  }

  @Test
  void changesGoOnBesideABackFillThatIsHeldInAChunk() throws Exception {
    for (int i = 0; i < 400; i++) {
      map(0x100000 + i * 0x2000L);
    }
    PageTable table = PageTable.wide("new");
    AtomicInteger count = new AtomicInteger();
    Gate gate = new Gate();
    table.beforeMap =
        () -> {
          if (count.incrementAndGet() == 200) {
            gate.run();
          }
        };
    final Future<?> joining = start(() -> space.addFollower(table));
    Gate.await(gate.reached);
    long low = 0x100000;
    long high = 0x100000 + 399 * 0x2000L;
    unmap(low);
    assertThat(table.page(low)).as("below the mark: gone at once").isNull();
    map(low + 0x1000);
    assertThat(table.page(low + 0x1000)).as("below the mark: there at once").isNotNull();
    space.protect(range(low + 0x2000, PAGE), R);
    assertThat(table.page(low + 0x2000).rights()).isEqualTo(R);
    unmap(high);
    map(high + 0x10000);
    space.protect(range(high - 0x2000, PAGE), R);
    assertThat(table.page(high + 0x10000)).as("above the mark: found by the fill").isNull();
    final Future<?> meeting = start(() -> unmap(low + 199 * 0x2000L));
    assertThat(isWaiting(meeting)).as("meets the chunk").isTrue();
    gate.opened.countDown();
    joining.get(30, TimeUnit.SECONDS);
    meeting.get(30, TimeUnit.SECONDS);
    table.assertMirrors(space);
    assertThat(table.page(high - 0x2000).rights()).isEqualTo(R);
  }

  @Test
  void aMapSeesTheFollowerThatJoinedWhileItWaited() throws Exception {
    PageTable first = PageTable.wide("first");
    space.addFollower(first);
    Gate gate = new Gate();
    first.beforeMap = gate;
    final Future<?> mapping = start(() -> map(0x10000));
    Gate.await(gate.reached);
    PageTable second = PageTable.wide("second");
    final Future<?> joining = start(() -> space.addFollower(second));
    assertThat(isWaiting(joining)).as("the fill waits for the map under way").isTrue();
    map(0x90000);
    gate.opened.countDown();
    mapping.get(30, TimeUnit.SECONDS);
    joining.get(30, TimeUnit.SECONDS);
    first.assertMirrors(space);
    second.assertMirrors(space);
  }

  @Test
  void anUnmapThatIsSynchronisingHoldsItsAddressesOnly() throws Exception {
    PageTable table = PageTable.wide("t");
    space.addFollower(table);
    map(0x10000);
    Gate gate = new Gate();
    table.beforeSync = gate;
    final Future<?> unmapping = start(() -> unmap(0x10000));
    Gate.await(gate.reached);
    map(0x11000);
    final Future<?> again = start(() -> map(0x10000));
    assertThat(isWaiting(again)).as("the old translation may still be in use").isTrue();
    assertThat(space.map(memory, 0, PAGE, RW, OptionalLong.empty(), 0)).isNotEqualTo(0x10000);
    gate.opened.countDown();
    unmapping.get(30, TimeUnit.SECONDS);
    again.get(30, TimeUnit.SECONDS);
    table.assertMirrors(space);
    assertThat(table.page(0x10000)).isNotNull();
  }

  @Test
  void aPinAgainstAnUnmap() throws Exception {
    map(0x10000);
    PageTable table = PageTable.wide("t");
    space.addFollower(table);
    Gate gate = new Gate();
    table.beforeSync = gate;
    final Future<?> unmapping = start(() -> unmap(0x10000));
    Gate.await(gate.reached);
    assertThatThrownBy(() -> view.access("a", true, ranges -> {}).pin(range(0x10000, PAGE), R))
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID));
    gate.opened.countDown();
    unmapping.get(30, TimeUnit.SECONDS);
    assertThat(memory.pins(0)).isZero();
  }

  @Test
  void aFollowerLeavesOnlyWhenNoChangeUsesIt() throws Exception {
    PageTable table = PageTable.wide("t");
    space.addFollower(table);
    Gate gate = new Gate();
    table.beforeMap = gate;
    final Future<?> mapping = start(() -> map(0x10000));
    Gate.await(gate.reached);
    final Future<?> leaving = start(() -> space.removeFollower(table));
    assertThat(isWaiting(leaving)).isTrue();
    gate.opened.countDown();
    mapping.get(30, TimeUnit.SECONDS);
    leaving.get(30, TimeUnit.SECONDS);
    assertThat(table.openBatches).hasValue(0);
    map(0x20000);
    assertThat(table.page(0x20000)).isNull();
  }

  @Test
  void aFollowerRemovedDuringItsBackFillJoinsNoMore() throws Exception {
    for (int i = 0; i < 400; i++) {
      map(0x100000 + i * 0x2000L);
    }
    PageTable table = PageTable.wide("new");
    Gate gate = new Gate();
    table.beforeMap = gate;
    final Future<?> joining = start(() -> space.addFollower(table));
    Gate.await(gate.reached);
    final Future<?> leaving = start(() -> space.removeFollower(table));
    assertThat(isWaiting(leaving)).isTrue();
    gate.opened.countDown();
    leaving.get(30, TimeUnit.SECONDS);
    assertThatThrownBy(() -> joining.get(30, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.GONE));
    assertThat(table.openBatches).hasValue(0);
    assertThat(space.followers()).isEmpty();
  }

  @Test
  void callsToOneUserNeverOverlap() throws Exception {
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger calls = new AtomicInteger();
    view.access(
        "a",
        false,
        new AccessUser() {
          @Override
          public void unmapping(List<IovaRange> ranges) {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            calls.incrementAndGet();
            Thread.onSpinWait();
            inside.decrementAndGet();
          }
        });
    List<Future<?>> workers = new ArrayList<>();
    for (int t = 0; t < 3; t++) {
      long base = 0x100000L * (t + 1);
      workers.add(
          start(
              () -> {
                for (int i = 0; i < 200; i++) {
                  map(base);
                  unmap(base);
                }
              }));
    }
    for (Future<?> worker : workers) {
      worker.get(30, TimeUnit.SECONDS);
    }
    assertThat(calls).hasValue(600);
    assertThat(most).hasValue(1);
  }

  @Test
  void noTranslationThatBeginsAfterAnUnmapFindsTheMapping() throws Exception {
    for (int i = 0; i < 2000; i++) {
      map(0x100000 + i * 0x2000L);
    }
    Translator translator = view.translator("t", ranges -> {});
    // epoch 2n: mapped at some time; 2n + 1: an unmap has returned and no map has begun
    AtomicLong epoch = new AtomicLong();
    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger wrong = new AtomicInteger();
    long address = memory.address(0);
    final Future<?> reader =
        start(
            () -> {
              while (!stop.get()) {
                long before = epoch.get();
                long answer = translator.translate(0x180000, R);
                long after = epoch.get();
                boolean present = Translation.isPresent(answer);
                if (present && Translation.address(answer) != address) {
                  wrong.incrementAndGet();
                }
                if (present && before == after && (before & 1) == 1) {
                  wrong.incrementAndGet();
                }
                if (!Translation.isPresent(translator.translate(0x100000, R))) {
                  wrong.incrementAndGet(); // a neighbour that never changes
                }
              }
            });
    Random random = new Random(9);
    for (int i = 0; i < 20_000; i++) {
      unmap(0x180000);
      epoch.incrementAndGet();
      if (random.nextInt(8) == 0) {
        Thread.onSpinWait();
      }
      epoch.incrementAndGet();
      map(0x180000);
      long other = 0x100000 + (1 + random.nextInt(63)) * 0x2000L;
      if (other != 0x180000) {
        unmap(other);
        map(other);
      }
    }
    stop.set(true);
    reader.get(30, TimeUnit.SECONDS);
    assertThat(wrong).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whateverMeetsTheFollowersMirrorTheSpaceInTheEnd(long seed) throws Exception {
    Source onDemand = rig.anonymous(64 * PAGE, true);
    PageTable always = PageTable.faulting("always");
    space.addFollower(always);
    AtomicInteger unexpected = new AtomicInteger();
    List<Future<?>> workers = new ArrayList<>();
    for (int t = 0; t < 3; t++) {
      Random random = new Random(seed * 10 + t);
      workers.add(
          start(
              () -> {
                for (int i = 0; i < 1500; i++) {
                  step(random, onDemand, unexpected);
                }
              }));
    }
    workers.add(
        start(
            () -> {
              for (int i = 0; i < 60; i++) {
                PageTable table = new PageTable("t" + i, PageTable.WIDE, i % 2 == 0);
                space.addFollower(table);
                Thread.onSpinWait();
                space.removeFollower(table);
                assertThat(table.failures).isEmpty();
              }
            }));
    for (Future<?> worker : workers) {
      worker.get(60, TimeUnit.SECONDS);
    }
    assertThat(unexpected).hasValue(0);
    always.assertMirrors(space);
    PageTable late = PageTable.wide("late");
    space.addFollower(late);
    late.assertMirrors(space);
    space.removeFollower(late);
    space.unmapAll();
    onDemand.destroy();
    memory.destroy();
    assertThat(always.pages).isEmpty();
    assertThat(rig.frames.heldBytes()).isZero();
  }

  private void step(Random random, Source onDemand, AtomicInteger unexpected) {
    long iova = 0x10000 + random.nextInt(48) * PAGE;
    long length = (1 + random.nextInt(4)) * PAGE;
    Source source = random.nextBoolean() ? memory : onDemand;
    try {
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> space.map(source, random.nextInt(8) * PAGE, length, RW, at(iova), 0);
        case 3, 4 -> space.unmap(range(iova, length * 2), UnmapMode.WHOLE);
        case 5 -> space.unmap(range(iova, length), UnmapMode.SPLIT);
        case 6 -> space.fault(iova, RW);
        default -> space.map(source, 0, length, RW, OptionalLong.empty(), 0);
      }
    } catch (IoasisException e) {
      if (e.reason() != Reason.EXISTS && e.reason() != Reason.NOT_FOUND) {
        unexpected.incrementAndGet();
      }
    }
  }
}
