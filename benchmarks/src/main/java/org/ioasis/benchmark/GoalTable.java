package org.ioasis.benchmark;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.ioasis.benchmark.floor.BurstFloor;
import org.ioasis.benchmark.floor.ChaseFloor;
import org.ioasis.benchmark.floor.HitIdeal;
import org.ioasis.benchmark.floor.NestedChaseFloor;
import org.ioasis.benchmark.floor.ParkFloor;
import org.ioasis.benchmark.floor.QueueFloor;
import org.ioasis.benchmark.floor.SpinFloor;
import org.ioasis.benchmark.floor.StoreFloor;
import org.ioasis.benchmark.floor.TraceIdeal;
import org.ioasis.benchmark.product.BurstBenchmark;
import org.ioasis.benchmark.product.DomainInvalidationBenchmark;
import org.ioasis.benchmark.product.FaultBenchmark;
import org.ioasis.benchmark.product.HitBenchmark;
import org.ioasis.benchmark.product.IdleRouterBenchmark;
import org.ioasis.benchmark.product.IoasidBenchmark;
import org.ioasis.benchmark.product.MapBenchmark;
import org.ioasis.benchmark.product.PageRequestBenchmark;
import org.ioasis.benchmark.product.StoreBenchmark;
import org.ioasis.benchmark.product.SwapBenchmark;
import org.ioasis.benchmark.product.TagBenchmark;
import org.ioasis.benchmark.product.TraceBenchmark;
import org.ioasis.benchmark.product.WalkBenchmark;
import org.ioasis.benchmark.rig.Vendors;
import org.ioasis.smmuv3.hardware.SmmuFactory;

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

    /**
     * What is to be run, each once: product and floor beside each other.
     *
     * @param notes whether what only informs is to be run too
     */
    Set<Case> cases(boolean notes) {
      Set<Case> cases = new LinkedHashSet<>();
      for (Goal goal : goals) {
        if (notes || !goal.isNote()) {
          cases.add(goal.floor());
          cases.add(goal.product());
        }
      }
      cases.removeIf(Objects::isNull);
      return cases;
    }
  }

  private static final String FOOTPRINT = "footprint", FORMAT = "format", CACHES = "caches";
  private static final String SPIN = "spin", ENTRIES = "entries";

  private GoalTable() {}

  /** All groups in the order they are run. */
  static List<Group> groups() {
    return List.of(
        hit(),
        burst(),
        walkInCache(),
        nested(),
        company(),
        walkInMemory(),
        trace(),
        map(),
        invalidations(),
        swaps(),
        ioasids(),
        faults(),
        pageRequests());
  }

  private static Group hit() {
    Case ideal = Case.of(HitIdeal.class, "hit");
    List<Goal> goals = new ArrayList<>();
    for (String vendor : Vendors.kinds()) {
      Case hit = of(HitBenchmark.class, "hit", vendor);
      Case first = hit.with(FORMAT, "FIRST_STAGE");
      goals.add(Goal.ratio(vendor + ": IOTLB hit / ideal hit", hit, ideal, 2.0, 1.3));
      goals.add(Goal.note(vendor + ": IOTLB hit, first stage / ideal hit", first, ideal));
      goals.add(
          new Goal(
              vendor + ": DMA translation that hits: bytes allocated per op",
              hit.taking(Case.Figure.BYTES),
              null,
              0,
              0));
    }
    return new Group("hit", goals);
  }

  private static Group burst() {
    Case floor = Case.of(BurstFloor.class, "beginEnd");
    return new Group(
        "burst",
        List.of(
            Goal.ratio(
                "burst begin + end / (volatile store + release store)",
                of(BurstBenchmark.class, "beginEnd", Vendors.kinds().get(0)),
                floor,
                1.5,
                1.2)));
  }

  private static Group walkInCache() {
    Case chase = Case.of(ChaseFloor.class, "dependent").with(FOOTPRINT, "L2");
    Case overlapping = Case.of(ChaseFloor.class, "independent").with(FOOTPRINT, "L2");
    List<Goal> goals = new ArrayList<>();
    for (String vendor : Vendors.kinds()) {
      Case walk = of(WalkBenchmark.class, "dependent", vendor).with(FOOTPRINT, "L2");
      goals.add(
          Goal.ratio(
              vendor + ": walk, tables in L2, dependent / 4-load chase", walk, chase, 2.2, 1.4));
      goals.add(
          Goal.note(
              vendor + ": the same, smallest walk cache",
              walk.with(CACHES, "SMALLEST_WALK_CACHE"),
              chase));
      goals.add(
          Goal.note(vendor + ": the same, first stage", walk.with(FORMAT, "FIRST_STAGE"), chase));
      goals.add(
          Goal.note(
              vendor + ": walk, tables in L2, independent / independent chase",
              of(WalkBenchmark.class, "independent", vendor).with(FOOTPRINT, "L2"),
              overlapping));
    }
    return new Group("walk, L2", goals);
  }

  private static Group walkInMemory() {
    Case chase = Case.of(ChaseFloor.class, "dependent").with(FOOTPRINT, "DRAM");
    Case overlapping = Case.of(ChaseFloor.class, "independent").with(FOOTPRINT, "DRAM");
    List<Goal> goals = new ArrayList<>();
    for (String vendor : Vendors.kinds()) {
      Case walk = of(WalkBenchmark.class, "dependent", vendor).with(FOOTPRINT, "DRAM");
      goals.add(
          Goal.ratio(
              vendor + ": walk, tables in DRAM, dependent / chase", walk, chase, 1.15, 1.05));
      goals.add(
          Goal.note(
              vendor + ": walk, tables in DRAM, independent / independent chase",
              of(WalkBenchmark.class, "independent", vendor).with(FOOTPRINT, "DRAM"),
              overlapping));
    }
    return new Group("walk, DRAM", goals);
  }

  private static Group trace() {
    Case ideal = Case.of(TraceIdeal.class, "replay");
    List<Goal> goals = new ArrayList<>();
    for (String vendor : Vendors.kinds()) {
      goals.add(
          Goal.ratio(
              vendor + ": trace replay, mixed / ideal",
              of(TraceBenchmark.class, "replay", vendor),
              ideal,
              1.6,
              1.2));
    }
    return new Group("trace", goals);
  }

  private static Group nested() {
    Case chase = Case.of(NestedChaseFloor.class, "dependent");
    List<Goal> goals = new ArrayList<>();
    for (String vendor : Vendors.kinds()) {
      Case walk =
          of(WalkBenchmark.class, "dependent", vendor).with(FOOTPRINT, "L2").with(FORMAT, "NESTED");
      goals.add(
          Goal.ratio(
              vendor + ": nested walk / (the 24 loads it needs as a chase)",
              walk,
              chase,
              2.5,
              1.6));
      goals.add(
          Goal.note(
              vendor + ": the same, smallest walk cache",
              walk.with(CACHES, "SMALLEST_WALK_CACHE"),
              chase));
    }
    return new Group("nested walk", goals);
  }

  private static Group company() {
    List<Goal> goals = new ArrayList<>();
    for (String vendor : Vendors.kinds()) {
      Case walk = of(WalkBenchmark.class, "dependent", vendor).with(FOOTPRINT, "L2");
      goals.add(
          Goal.ratio(
              vendor + ": walk, tables in L2, after all three ran / alone",
              walk,
              walk.with("alone", "true"),
              1.3,
              1.1));
    }
    return new Group("company", goals);
  }

  private static Group map() {
    Case stores = Case.of(StoreFloor.class, "map");
    Case queue = Case.of(QueueFloor.class, "invalidate");
    List<Goal> goals = new ArrayList<>();
    for (String vendor : Vendors.kinds()) {
      Case batch = of(MapBenchmark.class, "batch", vendor);
      goals.add(
          Goal.ratio(
              vendor + ": map in batches of 256, its unmap included / plain stores",
              batch,
              stores,
              1.8,
              1.2));
      goals.add(
          Goal.ratio(
              vendor + ": map one by one / batch per page",
              of(MapBenchmark.class, "oneByOne", vendor),
              batch,
              40,
              25));
      goals.add(
          Goal.note(
              vendor + ": unmap and sync in batches of 256, a map included / plain stores",
              of(MapBenchmark.class, "unmap", vendor),
              stores));
      goals.add(
          Goal.note(
              vendor + ": map, unmap, invalidate one page by the queue / queue of 2 entries",
              of(MapBenchmark.class, "invalidate", vendor),
              queue));
    }
    goals.add(
        Goal.note(
            "PhysicalMemory.store64 of 256 entries / plain stores",
            of(StoreBenchmark.class, "store", Vendors.kinds().get(0)),
            stores));
    return new Group("map", goals);
  }

  private static Group invalidations() {
    Case tags = Case.of(TagBenchmark.class, "invalidateAndFill").taking(Case.Figure.ELAPSED);
    List<Goal> goals = new ArrayList<>();
    goals.add(
        Goal.ratio(
            "domain invalidation, 1M entries / 1k, 100k PASIDs, wraps (elapsed)",
            tags.with(ENTRIES, "1048576"),
            tags.with(ENTRIES, "1024"),
            1.5,
            1.1));
    for (String vendor : Vendors.kinds()) {
      Case domain = of(DomainInvalidationBenchmark.class, "invalidate", vendor);
      goals.add(
          Goal.ratio(
              vendor + ": domain invalidation by the driver, 1M entries / 1k",
              domain.with(ENTRIES, "1048576"),
              domain.with(ENTRIES, "1024"),
              1.5,
              1.1));
    }
    return new Group("domain invalidation", goals);
  }

  private static Group swaps() {
    List<String> vendors = Vendors.kinds();
    List<Goal> goals = new ArrayList<>();
    for (int i = 0; i < vendors.size(); i++) {
      String from = vendors.get(i);
      String to = vendors.get((i + 1) % vendors.size());
      Case map =
          Case.of(SwapBenchmark.class, "map")
              .with("from", from)
              .with("to", to)
              .taking(Case.Figure.P99);
      goals.add(
          Goal.ratio(
              from + " and " + to + ": p99 of map during a swap's back-fill / idle",
              map.with("swapping", "true"),
              map.with("swapping", "false"),
              2.0,
              1.3));
    }
    return new Group("swap", goals);
  }

  private static Case of(Class<?> type, String method, String vendor) {
    return Case.of(type, method).with("vendor", vendor);
  }

  private static Group ioasids() {
    Case one = Case.of(IoasidBenchmark.class, "find").with("out", "1000000");
    Case two = Case.of(IoasidBenchmark.class, "findByTwo").with("out", "1000000");
    Case few = Case.of(IoasidBenchmark.class, "find").with("out", "1000");
    Case map = Case.of(IoasidBenchmark.class, "findInConcurrentHashMap").with("out", "1000000");
    Case life = Case.of(IoasidBenchmark.class, "allocateFree").with("out", "1000000");
    Case lifeOfFew = Case.of(IoasidBenchmark.class, "allocateFree").with("out", "1000");
    Case bits = Case.of(IoasidBenchmark.class, "allocateFreeInBitSet").with("out", "1000");
    return new Group(
        "ioasid",
        List.of(
            Goal.ratio("find an IOASID, 2 threads / 1 thread per op", two, one, 1.2, 1.05),
            new Goal(
                "find an IOASID: bytes allocated per op",
                few.taking(Case.Figure.BYTES),
                null,
                0,
                0),
            Goal.note("find an IOASID / ConcurrentHashMap, 1M out", one, map),
            Goal.note("allocate and free an IOASID, 1M out / 1k out", life, lifeOfFew),
            Goal.note("allocate and free an IOASID / BitSet, 1k out", lifeOfFew, bits)));
  }

  private static Group faults() {
    Case park = Case.of(ParkFloor.class, "pingPong").taking(Case.Figure.ELAPSED);
    Case spin = Case.of(SpinFloor.class, "pingPong").taking(Case.Figure.ELAPSED);
    Case trip = Case.of(FaultBenchmark.class, "roundTrip").taking(Case.Figure.ELAPSED);
    Case many = Case.of(FaultBenchmark.class, "throughput").taking(Case.Figure.ELAPSED);
    String vendor = Vendors.kinds().get(0);
    return new Group(
        "fault",
        List.of(
            Goal.ratio(
                "fault round trip parked / park-unpark ping-pong (elapsed)",
                trip.with(SPIN, "false"),
                park,
                1.25,
                1.1),
            Goal.note(
                "fault round trip spinning / spinning ping-pong (elapsed)",
                trip.with(SPIN, "true"),
                spin),
            Goal.note(
                "fault in a batch of 64 / park-unpark ping-pong (elapsed)",
                many.with(SPIN, "false"),
                park),
            Goal.note(
                "IOTLB hit beside an idle router / without",
                of(IdleRouterBenchmark.class, "hit", vendor),
                of(HitBenchmark.class, "hit", vendor))));
  }

  private static Group pageRequests() {
    Case queue = Case.of(QueueFloor.class, "roundTrip");
    List<Goal> goals = new ArrayList<>();
    for (String vendor : Vendors.kinds()) {
      goals.add(
          Goal.note(
              vendor + ": page request, device to driver and back / two queues",
              of(PageRequestBenchmark.class, "roundTrip", vendor),
              queue));
    }
    goals.add(
        Goal.note(
            SmmuFactory.SMMUV3 + ": stall, device to driver and back / two queues",
            of(PageRequestBenchmark.class, "roundTrip", SmmuFactory.SMMUV3).with("stall", "true"),
            queue));
    return new Group("page request", goals);
  }
}
