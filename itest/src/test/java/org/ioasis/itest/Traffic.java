package org.ioasis.itest;

import static org.junit.Assert.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.ioasis.api.engine.DmaEngine;
import org.ioasis.api.engine.DmaLoad;
import org.ioasis.api.engine.LoadReport;
import org.ioasis.api.engine.LoadSpec;
import org.ioasis.api.machine.DmaRequest;

/** Loads on engines of the platform, each in a thread of its own, that verify every byte. */
final class Traffic implements AutoCloseable {
  private static final int BYTES = 64;
  private static final long PER_SECOND = 5_000;
  private static final long END_MILLIS = 30_000;

  private final List<DmaLoad> loads = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicBoolean stop = new AtomicBoolean();

  /** Begins a load on a part of memory that is an engine's alone. */
  void start(DmaEngine engine, long iova, long length) {
    DmaLoad load =
        engine.load(
            new LoadSpec(DmaRequest.NO_PASID, iova, length, BYTES, PER_SECOND, loads.size() + 1L));
    loads.add(load);
    Thread thread = new Thread(() -> load.run(stop::get), "traffic");
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  private List<Long> counts() {
    return loads.stream().map(load -> load.report().accesses()).toList();
  }

  /** Waits until every device has made so many more accesses that passed. */
  void flows(long accesses) {
    List<Long> before = counts();
    assertEquals(
        List.of(),
        Components.await(
            () -> {
              List<String> still = new ArrayList<>();
              List<Long> now = counts();
              for (int i = 0; i < now.size(); i++) {
                if (now.get(i) < before.get(i) + accesses) {
                  still.add("load %d: %s".formatted(i, loads.get(i).report()));
                }
              }
              return still;
            }));
  }

  /** Nothing passes, for a while. */
  void stands() throws InterruptedException {
    List<Long> before = counts();
    Thread.sleep(100);
    assertEquals("passed while blocked", before, counts());
  }

  /** Ends the loads; no byte was wrong and nothing was refused. */
  @Override
  public void close() {
    stop.set(true);
    try {
      for (Thread thread : threads) {
        thread.join(END_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (DmaLoad load : loads) {
      LoadReport report = load.report();
      assertEquals("wrong bytes", 0, report.wrongBytes());
      assertEquals("refused", Map.of(), report.refused());
    }
  }
}
