package org.ioasis.vtd.hardware;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.machine.TimeSource;
import org.ioasis.api.machine.UnitEnvironment;
import org.ioasis.api.machine.Work;
import org.ioasis.api.machine.WorkQueue;
import org.ioasis.api.memory.MachineMemory;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.machine.memory.SparseMemory;

/**
 * A unit on a bench of its own: memory, a scheduler that runs inline or only when stepped, bursts
 * that tests open and close, and a list of the messages the unit sent. Everything a test can see of
 * the unit's surroundings, under its control; one thread.
 */
final class Rig implements UnitEnvironment {
  /** RAM from 0 to 2 GiB and 4 to 6 GiB. */
  private final MachineMemory memory =
      new SparseMemory(
          52,
          List.of(
              MemoryRegion.ram(0, 0x8000_0000L), MemoryRegion.ram(0x1_0000_0000L, 0x8000_0000L)));

  private final Scheduler.Mode mode;
  private final Deque<Place> ready = new ArrayDeque<>();
  private int openBursts;
  private long endedBursts;

  /** A message as the unit sent it. */
  record Message(long address, int data) {}

  /** Messages in order. */
  final List<Message> messages = new ArrayList<>();

  /** Devices by source id, for the reverse direction. */
  final Map<Integer, Endpoint> endpoints = new HashMap<>();

  /** Stands still until a test moves it. */
  final ManualTime time = new ManualTime();

  final VtdUnit unit;
  final Mmio mmio;

  Rig(Profile profile, Scheduler.Mode mode) {
    this.mode = mode;
    this.unit = new VtdUnit(this, profile, Capabilities.of(profile, 52));
    this.mmio = unit.mmio();
  }

  /** The default profile, inline. */
  static Rig full() {
    return new Rig(VtdProfiles.FULL, Scheduler.Mode.INLINE);
  }

  /** The default profile, stepped. */
  static Rig stepped() {
    return new Rig(VtdProfiles.FULL, Scheduler.Mode.STEPS);
  }

  /** Inline, with these capabilities and 48 bits of host address. */
  static Rig of(long version, long cap, long ecap) {
    return new Rig(profile(version, cap, ecap), Scheduler.Mode.INLINE);
  }

  static Profile profile(long version, long cap, long ecap) {
    return new Profile(
        "vtd",
        "test",
        Map.of("VER", version, "CAP", cap, "ECAP", ecap),
        Map.of("haw", 48L),
        List.of(),
        0);
  }

  // What tests do.

  long r32(long offset) {
    return mmio.read32(offset) & 0xFFFF_FFFFL;
  }

  long r64(long offset) {
    return mmio.read64(offset);
  }

  void w32(long offset, long value) {
    mmio.write32(offset, (int) value);
  }

  void w64(long offset, long value) {
    mmio.write64(offset, value);
  }

  void poke(long address, long... words) {
    for (int i = 0; i < words.length; i++) {
      memory.store64(address + 8L * i, words[i]);
    }
  }

  long peek(long address) {
    return memory.load64(address);
  }

  DmaRequest read(int source, long iova) {
    return new DmaRequest().set(source, DmaRequest.NO_PASID, iova, 4, DmaRequest.READ);
  }

  DmaRequest write(int source, long iova) {
    return new DmaRequest().set(source, DmaRequest.NO_PASID, iova, 4, DmaRequest.WRITE);
  }

  /** Opens a burst that the grace has to wait for. */
  void openBurst() {
    openBursts++;
  }

  /** Closes the burst: every grace that waited for it elapses. */
  void closeBurst() {
    openBursts--;
    endedBursts++;
  }

  /** Takes turns until none is pending or all of them wait. */
  void drain() {
    for (int turns = ready.size(); turns > 0 && !ready.isEmpty(); turns--) {
      Place place = ready.poll();
      if (place.work.run() == Work.Progress.WAITING) {
        ready.add(place);
      } else {
        turns = ready.size() + 1;
        place.pending = false;
      }
    }
  }

  // What the unit sees.

  @Override
  public String unitId() {
    return "dmar0";
  }

  @Override
  public MachineMemory memory() {
    return memory;
  }

  @Override
  public TimeSource time() {
    return time;
  }

  @Override
  public WorkQueue workQueue(String name, Work work) {
    return new Place(name, work);
  }

  @Override
  public void raiseMsi(long address, int data) {
    messages.add(new Message(address, data));
  }

  @Override
  public Optional<Endpoint> endpoint(int sourceId) {
    return Optional.ofNullable(endpoints.get(sourceId));
  }

  @Override
  public long graceTicket() {
    return openBursts == 0 ? -1 : endedBursts;
  }

  @Override
  public boolean graceElapsed(long ticket) {
    return ticket < 0 || endedBursts > ticket;
  }

  /** A work place: inline while no burst is open, else when the rig is drained. */
  private final class Place implements WorkQueue {
    private final String name;
    private final Work work;
    private boolean pending;

    Place(String name, Work work) {
      this.name = name;
      this.work = work;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public void kick() {
      if (mode == Scheduler.Mode.INLINE && openBursts == 0) {
        if (work.run() != Work.Progress.DONE) {
          throw new AssertionError(name + " waits for a grace although no burst is open");
        }
      } else if (!pending) {
        pending = true;
        ready.add(this);
      }
    }

    @Override
    public boolean pending() {
      return pending;
    }
  }
}
