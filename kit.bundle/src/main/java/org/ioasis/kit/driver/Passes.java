package org.ioasis.kit.driver;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Passes over a queue of the unit, one at a time whoever asks: an interrupt, a drain, a successor.
 * A thread that asks while another one is in a pass makes that one run another, so records are
 * handed over in order and never two at once, and nobody who asks is forgotten. What a pass throws
 * reaches the thread that ran it.
 *
 * <p><b>Threading:</b> any thread outside the driver&#39;s locks; {@code asked} lets one thread
 * run.
 */
public final class Passes {
  private final Runnable pass;
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicLong tickets = new AtomicLong();
  private volatile long served;

  /**
   * Passes.
   *
   * @param pass one pass; it ends after a bounded number of records
   */
  public Passes(Runnable pass) {
    this.pass = pass;
  }

  /** Runs passes until nobody asks; returns at once if another thread does. */
  public void run() {
    tickets.incrementAndGet();
    runTickets();
  }

  private void runTickets() {
    if (asked.getAndIncrement() != 0) {
      return;
    }
    RuntimeException failure = null;
    int before;
    do {
      before = asked.get();
      long ticket = tickets.get();
      try {
        pass.run();
      } catch (RuntimeException e) { // whoever asked meanwhile gets a pass all the same
        failure = e;
      }
      served = ticket;
    } while (!asked.compareAndSet(before, 0));
    if (failure != null) {
      throw failure;
    }
  }

  /**
   * Returns when a pass has ended that began after this call, in whatever thread.
   *
   * @param what what is waited for, in messages
   */
  public void runNow(UnitWait wait, String what) {
    long ticket = tickets.incrementAndGet();
    runTickets();
    wait.require(() -> served >= ticket, what);
  }
}
