package org.ioasis.iopf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.iopf.Platform.RW;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.device.AttachTarget;
import org.ioasis.api.device.Binding;
import org.ioasis.api.device.Device;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.SwapReport;
import org.ioasis.api.domain.SwapRequest;
import org.ioasis.api.fault.Fault;
import org.ioasis.api.fault.FaultGroup;
import org.ioasis.api.fault.FaultResponse;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaPort;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.PageRequest;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.machine.StallEnd;
import org.ioasis.api.machine.Translation;
import org.ioasis.domain.device.DeviceSettings;
import org.ioasis.iopf.Platform.Vendor;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * The storm behind real units and drivers: six devices send page requests and two stall, while
 * handlers die, forget and answer late, places are attached and detached, and units are exchanged,
 * for ones of another vendor, too. One unit is always free, so that a swap brings no two units'
 * devices together. Every device gets exactly one response for every group and one end for every
 * stall, or is told that its page requests are off or its stalls have moved.
 */
class RealStormTest {
  private static final List<Vendor> VENDORS =
      List.of(Vendor.VTD, Vendor.SMMUV3, Vendor.AMDVI, Vendor.VTD);
  private static final int DEVICES = 8;
  private static final int STALLING = 2;
  private static final int STALLS = 16;
  private static final int PASIDS = 3;
  private static final int SPACES = 3;
  private static final int GROUPS = 24;
  private static final long HEAP = 0x7000_0000L;

  private final Random random = new Random(8);
  private final List<Caller> devices = new ArrayList<>();
  private final List<AddressSpace> spaces = new ArrayList<>();
  private final List<FaultGroup> later = new ArrayList<>();
  private final Map<Integer, Long> services = new HashMap<>();
  private final List<String> units = new ArrayList<>(); // the last one is free
  private final List<String> stallUnits = new ArrayList<>(); // the same
  private long asked;
  private long stalled;
  private long moved;
  private long swaps;
  private long detaches;
  private long deaths;
  private String figures;
  private Platform on;

  /** What a device keeps books of. */
  private abstract class Caller implements Endpoint {
    final DmaPort port;
    final Set<Integer> attached = new HashSet<>();
    final List<String> wrong = new ArrayList<>();
    Device device;
    long answered;

    Caller(EndpointSpec spec) {
      port = on.machine.fabric().join(spec, this);
    }

    abstract void ask(int pasid);

    /** What it still waits for. */
    abstract Set<?> owed();
  }

  /** A device whose transactions stall. */
  private final class Staller extends Caller {
    private final DmaBurst burst = port.burst();
    private final DmaRequest request = new DmaRequest();
    private final Set<Long> owed = new HashSet<>();
    private final Set<Long> gone = new HashSet<>();

    Staller(EndpointSpec spec) {
      super(spec);
    }

    @Override
    void ask(int pasid) {
      if (owed.size() >= STALLS || !attached.contains(pasid)) {
        return;
      }
      long address = HEAP + random.nextInt(128) * Platform.PAGE;
      burst.begin();
      try {
        request.set(port.sourceId(), pasid, address, 1, DmaRequest.WRITE);
        if (Translation.refusal(burst.translate(request)) == Translation.Refusal.STALLED) {
          asked++;
          stalled++;
          if (!owed.add(request.stallTag())) {
            wrong.add("tag given twice: " + request.stallTag());
          }
        }
      } finally {
        burst.end();
      }
    }

    @Override
    public void stallEnded(long stallTag, StallEnd end) {
      if (stallTag == ALL_STALLS) {
        moved += owed.size();
        gone.addAll(owed);
        owed.clear();
      } else if (owed.remove(stallTag)) {
        answered++;
      } else if (!gone.remove(stallTag)) { // what has moved may be ended once more where it was
        wrong.add("ended twice or never stalled: " + stallTag + " " + end);
      }
    }

    @Override
    Set<Long> owed() {
      return owed;
    }
  }

  /** A device that asks for pages. */
  private final class Requester extends Caller {
    final Set<Integer> owed = new HashSet<>();
    final Set<Integer> forgotten = new HashSet<>();
    private boolean pageRequests;

    Requester(EndpointSpec spec) {
      super(spec);
    }

    @Override
    Set<Integer> owed() {
      return owed;
    }

    @Override
    void ask(int pasid) {
      int group = random.nextInt(GROUPS);
      int key = pasid << 9 | group;
      if (!pageRequests || owed.contains(key) || forgotten.contains(key)) {
        return;
      }
      owed.add(key);
      int pages = 1 + random.nextInt(3);
      for (int page = 0; page < pages; page++) {
        long address = HEAP + (random.nextInt(64) + 64L * page) * Platform.PAGE;
        boolean last = page == pages - 1;
        asked++;
        if (!port.requestPage(
            new PageRequest(port.sourceId(), pasid, address, 1, false, group, last))) {
          owed.remove(key);
          return;
        }
      }
    }

    @Override
    public void pageResponse(PageResponse response) {
      int key = response.pasid() << 9 | response.group();
      if (owed.remove(key)) {
        answered++;
      } else if (!forgotten.remove(key)) {
        wrong.add("answered twice or never asked: " + response);
      }
    }

    @Override
    public void enable(boolean ats, boolean pri, boolean pasid) {
      if (pageRequests && !pri) { // what is outstanding is dropped
        forgotten.addAll(owed);
        owed.clear();
      }
      pageRequests = pri;
    }
  }

  private void storm(long faults, int swapsPer100k) throws Exception {
    DeviceSettings settings =
        new DeviceSettings()
            .route("0x20-0x21=unit0")
            .route("0x22-0x23=unit1")
            .route("0x24-0x25=unit2")
            .route("0x26-0x27=stall0");
    try (Platform platform = new Platform(Scheduler.Mode.STEPS, settings)) {
      on = platform;
      setUp();
      while (asked < faults) {
        act(swapsPer100k);
        for (int i = random.nextInt(4); i > 0; i--) {
          on.machine.scheduler().step();
        }
      }
      on.settle();
      on.advance(200_000_000);
      check();
      devices.forEach(caller -> caller.device.destroy());
    }
  }

  private void setUp() {
    for (int i = 0; i < VENDORS.size(); i++) {
      units.add("unit" + i);
      on.unit("unit" + i, VENDORS.get(i));
    }
    for (int i = 0; i < 2; i++) {
      stallUnits.add("stall" + i);
      on.unit("stall" + i, Vendor.SMMUV3_STALL);
    }
    for (int i = 0; i < SPACES; i++) {
      AddressSpace space = on.space("space" + i);
      Platform.map(space, on.onDemand("heap" + i, 128), HEAP, RW);
      spaces.add(space);
    }
    for (int i = 0; i < DEVICES; i++) {
      boolean stalls = i >= DEVICES - STALLING;
      Vendor way = stalls ? Vendor.SMMUV3_STALL : Vendor.VTD;
      EndpointSpec spec = way.endpoint("dev" + i, 0x20 + i);
      Caller caller = stalls ? new Staller(spec) : new Requester(spec);
      devices.add(caller);
      caller.device = on.devices().bind(spec.name(), Binding.of("storm", i));
      for (int pasid = 1; pasid <= PASIDS; pasid++) {
        attach(caller, pasid);
      }
    }
  }

  private void attach(Caller caller, int pasid) {
    if (caller.attached.add(pasid)) {
      AddressSpace space = spaces.get(random.nextInt(SPACES));
      int domain =
          caller.device.attach(new AttachTarget.Space(space.handle()), pasid).domain().id();
      services.computeIfAbsent(domain, id -> on.handler(id, this::handle));
    }
  }

  private void handle(FaultGroup group) {
    assertThat(group.faults().get(group.faults().size() - 1).last()).isTrue();
    assertThat(group.faults()).extracting(Fault::address).isSorted();
    switch (random.nextInt(8)) {
      case 0 -> later.add(group);
      case 1 -> {} // meets the time-out
      case 2 -> {
        if (random.nextInt(25) > 0) {
          return; // meets the time-out, too
        }
        int domain = group.domain().id();
        on.router.removeHandler(services.get(domain));
        services.put(domain, on.handler(domain, this::handle)); // the next one
        deaths++;
      }
      case 3 -> answer(group, FaultResponse.INVALID);
      default -> answer(group, FaultResponse.SUCCESS);
    }
  }

  private static void answer(FaultGroup group, FaultResponse response) {
    try {
      group.complete(response);
    } catch (IoasisException late) {
      assertThat(late.reason()).isEqualTo(Reason.LATE);
    }
  }

  private void act(int swapsPer100k) {
    Caller caller = devices.get(random.nextInt(DEVICES));
    int pasid = 1 + random.nextInt(PASIDS);
    int what = random.nextInt(100_000);
    if (what < swapsPer100k) {
      swap();
    } else if (what < 1_000) {
      if (caller.attached.remove(pasid)) {
        caller.device.detach(pasid);
        detaches++;
      }
    } else if (what < 2_000) {
      attach(caller, pasid);
    } else if (what < 3_500) {
      on.advance(random.nextInt(10_000_000));
    } else if (what < 7_000 && !later.isEmpty()) {
      answer(
          later.remove(random.nextInt(later.size())),
          random.nextInt(2) == 0 ? FaultResponse.SUCCESS : FaultResponse.INVALID);
    } else if (caller.attached.contains(pasid) || random.nextInt(20) == 0) {
      caller.ask(pasid); // now and then where nothing is attached
    }
  }

  /** The devices of one unit go to the free one. */
  private void swap() {
    List<String> some = random.nextInt(4) == 0 ? stallUnits : units;
    int from = random.nextInt(some.size() - 1);
    int to = some.size() - 1;
    SwapReport report = on.core.swapService().swap(SwapRequest.of(some.get(from), some.get(to)));
    assertThat(report.performed()).as("%s", report.objections()).isTrue();
    Collections.swap(some, from, to);
    swaps++;
  }

  private void check() {
    figures =
        "%d faults, %d of them stalls; %d swaps, %d detaches, %d handlers died, %d stalls moved; %s"
            .formatted(asked, stalled, swaps, detaches, deaths, moved, on.faults.counters());
    for (Caller caller : devices) {
      String name = "device " + Integer.toHexString(caller.port.sourceId());
      assertThat(caller.wrong).as(name).isEmpty();
      assertThat(caller.owed()).as("never answered, " + name).isEmpty();
      assertThat(caller.answered).as(name).isPositive();
    }
    assertThat(on.counter("open")).isZero();
    assertThat(on.counter("lost.recoverable")).isZero();
    assertThat(on.counter("unsent")).isZero();
    assertThat(on.counter("timedOut")).isPositive();
    assertThat(on.counter("handlerGone")).isPositive();
    assertThat(List.of(swaps, detaches, deaths, stalled, moved)).allMatch(count -> count > 0);
  }

  @Test
  @Requirement({57, 60, 66})
  void fiveThousandFaults() throws Exception {
    storm(5_000, 300);
  }

  @Test
  @Tag("stress")
  @Requirement({57, 60, 66})
  void aMillionFaults() throws Exception {
    storm(1_000_000, 50);
    LoggerFactory.getLogger(RealStormTest.class).info(figures);
  }
}
