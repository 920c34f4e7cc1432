package org.ioasis.benchmark.floor;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Floor of a spinning fault round trip: two threads that watch each other's word. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SpinFloor {
  private Thread partner;
  private volatile long question;
  private volatile long answer;
  private volatile boolean stop;

  /** Starts the thread that answers. */
  @Setup
  public void start() {
    stop = false;
    partner = new Thread(this::answer, "spin-floor");
    partner.setDaemon(true);
    partner.start();
  }

  /** Ends it. */
  @TearDown
  public void end() throws InterruptedException {
    stop = true;
    partner.join();
  }

  private void answer() {
    while (!stop) {
      long asked = question;
      if (asked == answer) {
        Thread.onSpinWait();
      } else {
        answer = asked;
      }
    }
  }

  /** There and back. */
  @Benchmark
  public long pingPong() {
    long asked = question + 1;
    question = asked;
    while (answer != asked) {
      Thread.onSpinWait();
    }
    return asked;
  }
}
