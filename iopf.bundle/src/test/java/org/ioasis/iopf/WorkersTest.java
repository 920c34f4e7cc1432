package org.ioasis.iopf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.ioasis.api.Blob;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.FaultAnswer;
import org.ioasis.api.driver.FaultClass;
import org.ioasis.api.driver.FaultKind;
import org.ioasis.api.driver.FaultStage;
import org.ioasis.api.driver.RecoverableFault;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.api.fault.DrainScope;
import org.ioasis.api.fault.FaultGroup;
import org.ioasis.api.fault.FaultOrigin;
import org.ioasis.api.fault.FaultQueue;
import org.ioasis.api.fault.FaultResponse;
import org.ioasis.api.fault.Route;
import org.ioasis.api.fault.RoutingTable;
import org.ioasis.api.machine.TimeSource;
import org.ioasis.iopf.core.Router;
import org.ioasis.iopf.core.Settings;
import org.ioasis.iopf.core.Surroundings;
import org.ioasis.iopf.core.Watcher;
import org.ioasis.machine.time.Idler;
import org.ioasis.machine.time.RealTime;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The router on real threads and real time. */
class WorkersTest {
  private static final int DEVICES = 8;
  private static final int TRIPS = 4000;

  private final RealTime time = new RealTime("workers-test", Idler.NONE);
  private final Map<FaultAnswer, AtomicInteger> answers = new ConcurrentHashMap<>();
  private final AtomicLong answered = new AtomicLong();
  private Workers workers;
  private Router router;

  private void start(int threads, int spins) {
    workers = new Workers(threads, spins);
    router =
        new Router(new Surroundings(workers, Watcher.NONE, Settings.DEFAULT.limiting(10, 0, 1)));
    router.setOrigin(new Origin());
    timeout(20_000_000_000L); // what is measured is not how busy the machine of the test is
  }

  private void timeout(long nanos) {
    router.client(1).timeout(DrainScope.ALL, nanos);
  }

  @AfterEach
  void stop() {
    router.close();
    workers.close();
    time.close();
  }

  /** Device n is attached to page table n + 1, which has its handler. */
  private final class Origin implements FaultOrigin {
    private final RoutingTable table;

    Origin() {
      List<Route> routes = new ArrayList<>();
      for (int i = 0; i < DEVICES; i++) {
        Handle<Device> device = new Handle<>(Device.class, i + 1, 0, i);
        Handle<Domain> domain = new Handle<>(Domain.class, i + 1, 0, i);
        routes.add(Route.of(RoutingKey.of(i), device, i, domain, 1));
      }
      table = new RoutingTable(1, routes);
    }

    @Override
    public RoutingTable routes() {
      return table;
    }

    @Override
    public BatchResult respond(List<FaultAnswer> list) {
      for (FaultAnswer answer : list) {
        answers.computeIfAbsent(anyCode(answer), a -> new AtomicInteger()).incrementAndGet();
        answered.incrementAndGet();
      }
      return BatchResult.all(list.size());
    }

    @Override
    public SyncResult drain(int sourceId, int pasid) {
      return SyncResult.COMPLETE;
    }

    @Override
    public boolean uses(Handle<FaultQueue> queue) {
      return false;
    }

    @Override
    public TimeSource time() {
      return time;
    }
  }

  private static FaultAnswer anyCode(FaultAnswer answer) {
    return FaultAnswer.to(
        fault(answer.sourceId(), answer.group()), org.ioasis.api.machine.PageResponse.Code.SUCCESS);
  }

  /** A stall, for their tags have 16 bits and need no reuse in a short test. */
  private static RecoverableFault fault(int source, int tag) {
    return new RecoverableFault(
        FaultKind.STALL,
        source,
        -1,
        0x1000,
        1,
        false,
        tag,
        true,
        FaultStage.UNKNOWN,
        FaultClass.UNKNOWN,
        0,
        new Blob("test", ByteBuffer.allocate(0)),
        0);
  }

  private void handler(int device, org.ioasis.api.fault.FaultHandler handler) {
    router.addHandler(handler, device + 1, "handler" + device, 0, device + 1);
  }

  private boolean soon(BooleanSupplier condition) {
    return time.await(condition, 20_000_000_000L);
  }

  @Test
  void aThreadStaysWithItsDeviceAndIsReused() {
    start(4, 0);
    ConcurrentLinkedQueue<String> names = new ConcurrentLinkedQueue<>();
    for (int device = 0; device < 2; device++) {
      handler(
          device,
          group -> {
            names.add(Thread.currentThread().getName());
            group.complete(FaultResponse.SUCCESS);
          });
    }
    for (int i = 0; i < 200; i++) {
      router.sink("u").recoverable(fault(i & 1, i));
      int sent = i + 1;
      assertThat(soon(() -> answered.get() == sent)).isTrue();
    }
    assertThat(names).hasSize(200).allMatch(name -> name.startsWith("iopf-"));
    assertThat(workers.size()).isLessThanOrEqualTo(4);
  }

  /** The next fault comes before, while and after the thread ends its looking and parks. */
  @Test
  @Requirement({57, 60})
  void aThreadThatEndsItsLookingMissesNoTurn() {
    start(2, 20);
    handler(0, WorkersTest::complete);
    long start = time.nanoTime();
    for (int i = 0; i < TRIPS; i++) {
      router.sink("u").recoverable(fault(0, i));
      int sent = i + 1;
      assertThat(soon(() -> answered.get() == sent)).as("trip %d", i).isTrue();
      assertThat(time.nanoTime() - start)
          .as("a turn that was missed is seen when the thread wakes by itself, after a second")
          .isLessThan(20_000_000_000L);
      for (int gap = i % 200; gap > 0; gap--) {
        Thread.onSpinWait();
      }
    }
    assertThat(answers).hasSize(TRIPS);
    assertThat(workers.size()).isLessThanOrEqualTo(2);
  }

  @Test
  @Requirement(45)
  void stalledHandlersNeverUseThePoolUp() throws InterruptedException {
    start(2, 0);
    timeout(100_000_000);
    CountDownLatch gate = new CountDownLatch(1);
    for (int device = 0; device < DEVICES - 1; device++) {
      handler(
          device,
          group -> {
            try {
              gate.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
    }
    handler(DEVICES - 1, group -> group.complete(FaultResponse.SUCCESS));
    for (int device = 0; device < DEVICES; device++) {
      router.sink("u").recoverable(fault(device, 1));
      router.sink("u").recoverable(fault(device, 2));
    }
    assertThat(soon(() -> answered.get() == 2 * DEVICES)).isTrue();
    router.sink("u").recoverable(fault(DEVICES - 1, 3));
    assertThat(soon(() -> answered.get() == 2 * DEVICES + 1)).isTrue();
    assertThat(answers.values()).allMatch(count -> count.get() == 1);
    gate.countDown();
    assertThat(soon(() -> workers.size() <= 2)).as("the lost threads end").isTrue();
  }

  @Test
  void closingEndsTheThreadsAndLaterTurnsRunInTheCaller() throws InterruptedException {
    start(2, 0);
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    handler(
        0,
        group -> {
          inside.countDown();
          try {
            Thread.sleep(60_000);
          } catch (InterruptedException e) {
            interrupted.countDown();
          }
        });
    router.sink("u").recoverable(fault(0, 1));
    assertThat(inside.await(20, TimeUnit.SECONDS)).isTrue();
    router.close();
    workers.close();
    assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(answered.get()).isOne();
    router.sink("u").recoverable(fault(1, 2));
    assertThat(answered.get()).as("answered at once, by the caller").isEqualTo(2);
  }

  @Test
  @Requirement({57, 60, 66})
  void aStormOnThreadsIsAnsweredOnce() throws InterruptedException {
    start(4, 0);
    ConcurrentLinkedQueue<FaultGroup> later = new ConcurrentLinkedQueue<>();
    timeout(3_000_000);
    for (int device = 0; device < DEVICES; device++) {
      int kind = device;
      handler(
          device,
          group -> {
            switch ((group.faults().get(0).group() + kind) % 5) {
              case 0 -> later.add(group);
              case 1 -> {} // meets the time-out
              case 2 -> throw new IllegalStateException("a handler's bug");
              default -> complete(group);
            }
          });
    }
    int each = 6000;
    List<Thread> threads = new ArrayList<>();
    for (int unit = 0; unit < 2; unit++) { // one for the even devices, one for the odd
      int first = unit;
      threads.add(
          new Thread(
              () -> {
                for (int i = 0; i < each; i++) {
                  int device = first + 2 * (i & 3);
                  router.sink("u" + first).recoverable(fault(device, i));
                  if (i % 500 == 0) {
                    router.drain(DrainScope.ofDevice(device));
                  }
                }
              }));
    }
    threads.add(
        new Thread(
            () -> {
              Random random = new Random(1);
              while (answered.get() < 2L * each) {
                FaultGroup group = later.poll();
                if (group != null) {
                  complete(group);
                } else if (random.nextInt(50) == 0) {
                  router.removeHandler(1);
                  handler(0, WorkersTest::complete);
                } else {
                  Thread.onSpinWait();
                }
              }
            }));
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join(40_000);
      assertThat(thread.isAlive()).isFalse();
    }
    assertThat(answers).hasSize(2 * each);
    assertThat(answers.values()).allMatch(count -> count.get() == 1);
    assertThat(router.client(1).counters()).containsEntry("open", 0L);
    assertThat(soon(() -> workers.size() <= 4)).isTrue();
  }

  private static void complete(FaultGroup group) {
    try {
      group.complete(FaultResponse.SUCCESS);
    } catch (IoasisException late) {
      assertThat(late.reason()).isEqualTo(Reason.LATE);
    }
  }
}
