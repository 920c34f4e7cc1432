package org.ioasis.benchmark.floor;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Floor of a parked fault round trip: two threads that wake each other in turn. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ParkFloor {
  private Thread partner;
  private volatile Thread asker;
  private volatile long question;
  private volatile long answer;
  private volatile boolean stop;

  /** Starts the thread that answers. */
  @Setup
  public void start() {
    stop = false;
    partner = new Thread(this::answer, "park-floor");
    partner.setDaemon(true);
    partner.start();
  }

  /** Ends it. */
  @TearDown
  public void end() throws InterruptedException {
    stop = true;
    LockSupport.unpark(partner);
    partner.join();
  }

  private void answer() {
    while (!stop) {
      long asked = question;
      if (asked == answer) {
        LockSupport.park(this);
      } else {
        answer = asked;
        LockSupport.unpark(asker);
      }
    }
  }

  /** There and back: unpark the partner, park until it has answered. */
  @Benchmark
  public long pingPong() {
    asker = Thread.currentThread();
    long asked = question + 1;
    question = asked;
    LockSupport.unpark(partner);
    while (answer != asked) {
      LockSupport.park(this);
    }
    return asked;
  }
}
