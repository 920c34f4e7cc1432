package org.ioasis.benchmark;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.ioasis.benchmark.floor.BurstFloor;
import org.ioasis.benchmark.floor.ChaseFloor;
import org.ioasis.benchmark.floor.HitIdeal;
import org.ioasis.benchmark.floor.ParkFloor;
import org.ioasis.benchmark.floor.StoreFloor;
import org.ioasis.benchmark.floor.TraceIdeal;

/**
 * The goals as data. What does not exist yet stands here without a product and is reported as such.
 */
final class GoalTable {
  /**
   * Goals that are measured together, round by round.
   *
   * @param name for people
   * @param goals in the order of the table
   */
  record Group(String name, List<Goal> goals) {
    Group {
      goals = List.copyOf(goals);
    }

    /** What is to be run, each once: product and floor beside each other. */
    Set<Case> cases() {
      Set<Case> cases = new LinkedHashSet<>();
      for (Goal goal : goals) {
        cases.add(goal.floor());
        cases.add(goal.product());
      }
      cases.removeIf(Objects::isNull);
      return cases;
    }
  }

  private GoalTable() {}

  /** All groups in the order they are run. */
  static List<Group> groups() {
    return List.of(hit(), burst(), walkInCache(), walkInMemory(), trace(), map(), later());
  }

  private static Group hit() {
    Case ideal = Case.of(HitIdeal.class, "hit");
    return new Group(
        "hit",
        List.of(
            Goal.notBuilt("IOTLB hit / ideal hit", ideal, 2.0, 1.3),
            Goal.notBuilt("DMA translation that hits: bytes allocated per op", null, 0, 0)));
  }

  private static Group burst() {
    Case floor = Case.of(BurstFloor.class, "beginEnd");
    return new Group(
        "burst",
        List.of(
            Goal.notBuilt(
                "burst begin + end / (one volatile store + one release store)", floor, 1.5, 1.2)));
  }

  private static Group walkInCache() {
    Case chase = Case.of(ChaseFloor.class, "dependent").with("footprint", "L2");
    return new Group(
        "walk, L2",
        List.of(Goal.notBuilt("walk, tables in L2, dependent / 4-load chase", chase, 2.2, 1.4)));
  }

  private static Group walkInMemory() {
    Case chase = Case.of(ChaseFloor.class, "dependent").with("footprint", "DRAM");
    return new Group(
        "walk, DRAM",
        List.of(Goal.notBuilt("walk, tables in DRAM, dependent / chase", chase, 1.15, 1.05)));
  }

  private static Group trace() {
    Case ideal = Case.of(TraceIdeal.class, "replay");
    return new Group(
        "trace", List.of(Goal.notBuilt("trace replay, mixed / ideal", ideal, 1.6, 1.2)));
  }

  private static Group map() {
    Case stores = Case.of(StoreFloor.class, "map");
    return new Group(
        "map",
        List.of(
            Goal.notBuilt("map in batches of 256 / plain stores", stores, 1.8, 1.2),
            Goal.notBuilt("map one by one / batch per page", null, 40, 25)));
  }

  /** What later issues build. */
  private static Group later() {
    Case pingPong = Case.of(ParkFloor.class, "pingPong").taking(Case.Figure.ELAPSED);
    return new Group(
        "later",
        List.of(
            Goal.notBuilt("any vendor's walk after all three ran / alone", null, 1.3, 1.1),
            Goal.notBuilt("nested walk / (loads it needs as a chase)", null, 2.5, 1.6),
            Goal.notBuilt("domain invalidation, 1M entries / 1k entries", null, 1.5, 1.1),
            Goal.notBuilt("p99 of map during a swap's back-fill / idle", null, 2.0, 1.3),
            Goal.notBuilt("find an IOASID, 2 threads / 1 thread per op", null, 1.2, 1.05),
            Goal.notBuilt(
                "fault round trip parked / park-unpark ping-pong (elapsed)", pingPong, 1.25, 1.1)));
  }
}
