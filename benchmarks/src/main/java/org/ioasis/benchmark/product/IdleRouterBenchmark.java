package org.ioasis.benchmark.product;

import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** A translation that hits, while a router is there that has delivered a fault and has no other. */
public class IdleRouterBenchmark extends HitBenchmark {
  private final FaultBenchmark router = new FaultBenchmark();

  /** Starts the router and sends one fault through it. */
  @Setup
  public void startRouter() {
    router.start();
    router.roundTrip();
  }

  /** Ends it. */
  @TearDown
  public void endRouter() {
    router.end();
  }
}
