package org.ioasis.shell.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.ioasis.api.engine.DmaEngine;
import org.ioasis.api.engine.DmaLoad;
import org.ioasis.api.engine.LoadReport;
import org.ioasis.api.engine.LoadSpec;
import org.ioasis.api.machine.DmaRequest;

/**
 * Loads that run until they are closed, each in a thread of its own. Every byte that a load reads
 * is compared with what it wrote.
 *
 * <p><b>Threading:</b> used by one thread; the loads have theirs.
 */
final class Loads implements AutoCloseable {
  private static final int BYTES_PER_ACCESS = 64;
  private static final long PER_SECOND = 20_000;
  private static final long LONGEST_END_SECONDS = 10;

  private final AtomicBoolean ending = new AtomicBoolean();
  private final List<DmaLoad> loads = new ArrayList<>();
  private final List<Future<LoadReport>> running = new ArrayList<>();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "demo load");
            thread.setDaemon(true);
            return thread;
          });

  /** Starts a load. */
  void start(DmaEngine engine, long iova, long length) {
    DmaLoad load =
        engine.load(
            new LoadSpec(
                DmaRequest.NO_PASID, iova, length, BYTES_PER_ACCESS, PER_SECOND, loads.size()));
    loads.add(load);
    running.add(threads.submit(() -> load.run(ending::get)));
  }

  /** Waits until every load has made so many more accesses; false if one stands still. */
  boolean advance(long accesses) {
    List<Long> goals = loads.stream().map(load -> load.report().accesses() + accesses).toList();
    return Services.await(
        () -> {
          for (int i = 0; i < loads.size(); i++) {
            if (loads.get(i).report().accesses() < goals.get(i)) {
              return false;
            }
          }
          return true;
        },
        TimeUnit.SECONDS.toMillis(LONGEST_END_SECONDS));
  }

  /** What each load moved and met, in the order they were started. */
  List<LoadReport> reports() {
    return loads.stream().map(DmaLoad::report).toList();
  }

  /** Ends the loads; throws what one of them threw. */
  @Override
  public void close() {
    ending.set(true);
    threads.shutdown();
    try {
      for (Future<LoadReport> load : running) {
        load.get(LONGEST_END_SECONDS, TimeUnit.SECONDS);
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a load ended early", e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("a load does not end", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
