package org.ioasis.capture.command;

import java.io.PrintStream;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.ioasis.api.command.CommandContext;

/**
 * Says on the error stream how far a command is, once it takes more than two seconds: a moving
 * count on a terminal, else a line every ten seconds.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class Progress implements Runnable {
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(2);
  private static final long PAUSE_TERMINAL = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long PAUSE = TimeUnit.SECONDS.toNanos(10);

  /** The clock is looked at once in so many ticks. */
  private static final int TICKS = 64;

  private final PrintStream err;
  private final boolean moving;
  private final String what;
  private final LongSupplier nanos;
  private long next;
  private long count;
  private boolean shown;

  /**
   * @param what what is counted, a plural
   * @param nanos the time of the person who waits, not of a machine
   */
  Progress(CommandContext context, String what, LongSupplier nanos) {
    this.err = context.err();
    this.moving = context.interactive();
    this.what = what;
    this.nanos = nanos;
    this.next = nanos.getAsLong() + PATIENCE;
  }

  /** Real time, for a person who waits. */
  static Progress of(CommandContext context, String what) {
    return new Progress(context, what, System::nanoTime);
  }

  /** One more is done. */
  @Override
  public void run() {
    count++;
    if (count % TICKS != 0) {
      return;
    }
    long now = nanos.getAsLong();
    if (now - next >= 0) {
      next = now + (moving ? PAUSE_TERMINAL : PAUSE);
      shown = true;
      err.print(moving ? "\r%d %s".formatted(count, what) : "%d %s\n".formatted(count, what));
      err.flush();
    }
  }

  /** Ends a moving line. */
  void end() {
    if (shown && moving) {
      err.print("\r" + " ".repeat(40) + "\r");
      err.flush();
    }
  }
}
