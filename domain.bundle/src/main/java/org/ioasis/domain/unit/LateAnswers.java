package org.ioasis.domain.unit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.ioasis.api.driver.FaultAnswer;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.machine.Work;
import org.ioasis.api.machine.WorkQueue;

/**
 * Answers that are given in a turn of the machine, because a sink must not wait for the driver that
 * calls it.
 *
 * <p><b>Threading:</b> {@link #add} from any thread; turns never overlap.
 */
final class LateAnswers implements AutoCloseable {
  private static final int MOST_AT_ONCE = 256;

  private final ConcurrentLinkedQueue<FaultAnswer> waiting = new ConcurrentLinkedQueue<>();
  private final Scheduler scheduler;
  private final Consumer<List<FaultAnswer>> respond;
  private final WorkQueue queue;

  LateAnswers(Scheduler scheduler, Consumer<List<FaultAnswer>> respond) {
    this.scheduler = scheduler;
    this.respond = respond;
    this.queue = scheduler.queue("domain.answers", this::turn);
  }

  /** Gives an answer soon. */
  void add(FaultAnswer answer) {
    waiting.add(answer);
    queue.kick();
  }

  private Work.Progress turn() {
    List<FaultAnswer> batch = new ArrayList<>();
    while (batch.size() < MOST_AT_ONCE) {
      FaultAnswer next = waiting.poll();
      if (next == null) {
        break;
      }
      batch.add(next);
    }
    if (!batch.isEmpty()) {
      respond.accept(batch);
    }
    return waiting.isEmpty() ? Work.Progress.DONE : Work.Progress.WAITING;
  }

  @Override
  public void close() {
    scheduler.remove(queue);
  }
}
