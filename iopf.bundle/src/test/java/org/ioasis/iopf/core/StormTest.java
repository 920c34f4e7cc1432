package org.ioasis.iopf.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.FaultSink;
import org.ioasis.api.fault.DrainScope;
import org.ioasis.api.fault.Fault;
import org.ioasis.api.fault.FaultGroup;
import org.ioasis.api.fault.FaultQueue;
import org.ioasis.api.fault.FaultResponse;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Eight devices over three units on a virtual clock, with handlers that die, stall, throw and
 * forget, detaches, swaps, lost records and time-outs, all drawn from a seed: every group is
 * answered exactly once, none is lost, and the order inside a group is kept.
 */
class StormTest {
  private static final List<FaultResponse> ANSWERS = List.of(FaultResponse.values());
  private static final int DEVICES = 8;
  private static final int DOMAINS = 6;
  private static final int PASIDS = 3;

  private final Random random = new Random(66);
  private final Rig rig = new Rig(Settings.DEFAULT.limiting(7, 0, 1));
  private final List<StormDevice> devices = new ArrayList<>();
  private final List<FaultSink> units = new ArrayList<>();
  private final List<FaultGroup> later = new ArrayList<>();
  private final long[] services = new long[DOMAINS + 1];
  private final FaultQueue queue = rig.client.createQueue(64);
  private long sent;
  private long lateAnswers;
  private long detaches;
  private long deaths;
  private long swaps;

  private void storm(long faults) {
    setUp();
    while (sent < faults) {
      act();
      if (random.nextInt(4) == 0) {
        rig.steps.step();
      }
      sent = devices.stream().mapToLong(d -> d.sent).sum();
    }
    devices.forEach(StormDevice::endAll);
    rig.steps.settle();
    rig.time.advance(200 * Rig.MILLI);
    rig.steps.settle();
    check();
  }

  private void setUp() {
    for (int i = 0; i < 3; i++) {
      units.add(rig.router.sink("unit" + i));
    }
    for (int i = 0; i < DEVICES; i++) {
      devices.add(new StormDevice(0x20 + i, units.get(i % 3), random));
      for (int pasid = 0; pasid < PASIDS; pasid++) {
        attach(i, pasid);
      }
    }
    for (int domain = 1; domain < DOMAINS; domain++) {
      register(domain);
    }
    rig.origin.driver =
        list -> {
          list.forEach(answer -> devices.get(answer.sourceId() - 0x20).answer(answer));
          return BatchResult.all(list.size());
        };
  }

  /** The last page table has a queue, the others handlers. */
  private void attach(int device, int pasid) {
    int domain = 1 + random.nextInt(DOMAINS);
    if (domain == DOMAINS) {
      rig.route(0x20 + device, pasid, domain, queue);
    } else {
      rig.route(0x20 + device, pasid, domain);
    }
  }

  private void register(int domain) {
    services[domain] = rig.handler(domain, this::handle);
  }

  private void handle(FaultGroup group) {
    inOrder(group);
    switch (random.nextInt(12)) {
      case 0 -> later.add(group);
      case 1 -> {} // forgets it
      case 2 -> throw new IllegalStateException("a handler's bug");
      case 3 -> answer(group, FaultResponse.INVALID);
      case 4 -> {
        later.add(group);
        rig.router.removeHandler(services[group.domain().id()]);
        deaths++;
        register(group.domain().id());
      }
      default -> answer(group, FaultResponse.SUCCESS);
    }
  }

  private void read(FaultGroup group) {
    inOrder(group);
    if (random.nextInt(4) == 0) {
      later.add(group);
    } else {
      answer(group, FaultResponse.SUCCESS);
    }
  }

  private static void inOrder(FaultGroup group) {
    assertThat(group.faults()).extracting(Fault::address).isSorted();
    assertThat(group.faults()).extracting(Fault::address).doesNotHaveDuplicates();
    for (int i = 0; i < group.faults().size(); i++) {
      assertThat(group.faults().get(i).last()).isEqualTo(i == group.faults().size() - 1);
    }
  }

  private void answer(FaultGroup group, FaultResponse response) {
    boolean open = group.open();
    try {
      group.complete(response);
      assertThat(open).isTrue();
    } catch (IoasisException late) {
      assertThat(late.reason()).isEqualTo(Reason.LATE);
      assertThat(open).isFalse();
      lateAnswers++;
    }
  }

  private void act() {
    int device = random.nextInt(DEVICES);
    int pasid = random.nextInt(PASIDS);
    int what = random.nextInt(1000);
    if (what < 2) {
      detach(device, pasid);
    } else if (what < 4) {
      attach(device, pasid);
    } else if (what < 6) {
      devices.get(device).move(units.get(random.nextInt(3)));
      swaps++;
    } else if (what < 8) {
      units.get(random.nextInt(3)).lost(true, 1 + random.nextInt(9));
    } else if (what < 30) {
      rig.time.advance(random.nextInt(4_000_000));
    } else if (what < 60) {
      answerSome();
    } else if (what < 90) {
      queue.poll().ifPresent(this::read);
    } else {
      devices.get(device).ask(pasid);
    }
  }

  private void answerSome() {
    while (!later.isEmpty() && random.nextInt(3) > 0) {
      FaultGroup group = later.remove(random.nextInt(later.size()));
      answer(group, ANSWERS.get(random.nextInt(3)));
    }
  }

  /** In the order of the contract: what is open is closed before the route goes. */
  private void detach(int device, int pasid) {
    RoutingKey key = new RoutingKey(0x20 + device, pasid);
    rig.router.drain(DrainScope.of(key));
    assertThat(rig.router.open(DrainScope.of(key))).isZero();
    rig.origin.remove(key);
    detaches++;
  }

  private void check() {
    long ended = 0;
    for (StormDevice device : devices) {
      assertThat(device.owed()).as("lost groups of device %x", device.source).isZero();
      assertThat(device.answered + device.withdrawn).isEqualTo(device.groupsEnded);
      ended += device.groupsEnded;
    }
    long unrouted = ended - rig.counter("groups");
    assertThat(unrouted).isNotNegative().isLessThanOrEqualTo(rig.counter("unrouted"));
    assertThat(rig.counter("sent")).isEqualTo(devices.stream().mapToLong(d -> d.answered).sum());
    assertThat(rig.counter("late")).isEqualTo(lateAnswers);
    assertThat(rig.counter("received")).isEqualTo(sent(devices));
    assertThat(rig.counter("partial")).isZero();
    rig.check();
    assertThat(List.of(detaches, deaths, swaps, lateAnswers)).allMatch(count -> count > 0);
    for (String met :
        List.of("timedOut", "drained", "handlerGone", "handlerThrew", "withdrawn", "unrouted")) {
      assertThat(rig.counter(met)).as(met).isPositive();
    }
  }

  private static long sent(List<StormDevice> devices) {
    return devices.stream().mapToLong(d -> d.sent).sum();
  }

  @Test
  @Requirement({57, 60, 66})
  void fiftyThousandFaults() {
    storm(50_000);
  }

  @Test
  @Tag("stress")
  @Requirement({57, 60, 66})
  void aMillionFaults() {
    storm(1_000_000);
    LoggerFactory.getLogger(StormTest.class)
        .info(
            "{} faults; {} swaps, {} detaches, {} handlers died; {}",
            sent,
            swaps,
            detaches,
            deaths,
            rig.client.counters());
  }
}
