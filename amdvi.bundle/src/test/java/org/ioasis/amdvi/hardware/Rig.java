package org.ioasis.amdvi.hardware;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
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

  /** The same as the unit sees it. */
  private final MachineMemory seen;

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

  final AmdviUnit unit;
  final Mmio mmio;

  private long commandTail;

  Rig(Profile profile, Scheduler.Mode mode) {
    this(profile, mode, memory -> memory);
  }

  /** A unit before a memory that watches what it loads. */
  Rig(Profile profile, Scheduler.Mode mode, UnaryOperator<MachineMemory> watch) {
    this.seen = watch.apply(memory);
    this.mode = mode;
    this.unit = new AmdviUnit(this, profile, Capabilities.of(profile));
    this.mmio = unit.mmio();
  }

  /** The default profile, inline. */
  static Rig full() {
    return new Rig(AmdviProfiles.FULL, Scheduler.Mode.INLINE);
  }

  /** The default profile, stepped. */
  static Rig stepped() {
    return new Rig(AmdviProfiles.FULL, Scheduler.Mode.STEPS);
  }

  /** The default profile with another parameter, inline. */
  static Rig with(String parameter, long value) {
    return new Rig(AmdviProfiles.FULL.withParameter(parameter, value), Scheduler.Mode.INLINE);
  }

  /** Inline, with other identification registers. */
  static Rig of(long efr, long efr2, long header) {
    Profile profile =
        new Profile(
            "amdvi",
            "test",
            Map.of("EXT_FEATURES", efr, "EXT_FEATURES_2", efr2, "CAP", header),
            Map.of(),
            List.of(),
            0);
    return new Rig(profile, Scheduler.Mode.INLINE);
  }

  // Where the worked examples have their structures.

  static final int DEVICE = 0x340;
  static final long DEVICE_TABLE = 0x1_2000_0000L;
  static final long DTE = 0x1_2000_6800L;
  static final long COMMANDS = 0x1_1000_0000L;
  static final long EVENTS = 0x1_1000_4000L;
  static final long REQUESTS = 0x1_1000_8000L;
  static final long STORE = 0x1_1000_C000L;

  /** The registers of the worked example, message by MSI, page requests and v2 tables enabled. */
  Rig start() {
    return start(0x149DL | 1 << 16 | 1 << 13 | 1 << 14 | 1 << 15);
  }

  /** The same with another value of CONTROL. */
  Rig start(long control) {
    w64(0x0000, 0x00000001200001FFL);
    w64(0x0008, 0x0900000110000000L);
    w64(0x0010, 0x0900000110004000L);
    w64(0x0038, 0x0900000110008000L);
    w32(0x015C, 0xFEE00000L);
    w32(0x0164, 0x31);
    w32(0x0158, 1 << 16);
    w64(0x0018, control);
    return this;
  }

  /** Writes the entry of the example's device and tells the unit. */
  Rig dte(long... words) {
    poke(DTE, 0, 0, 0, 0);
    poke(DTE, words);
    command(0x2000000000000340L, 0);
    return this;
  }

  /** Gives a command and rings the doorbell. */
  void command(long word0, long word1) {
    poke(COMMANDS + commandTail, word0, word1);
    commandTail = commandTail + 16 & 0x1FFF;
    w64(0x2008, commandTail);
  }

  /** Restarts the command buffer from its first slot, as Linux does. */
  void restartCommands() {
    long control = r64(0x0018);
    w64(0x0018, control & ~(1 << 12));
    w64(0x2000, 0);
    commandTail = 0;
    w64(0x2008, 0);
    w64(0x0018, control | 1 << 12);
  }

  /** Takes the events that are in the log, as {@code code words} pairs. */
  List<Long> events() {
    List<Long> words = new ArrayList<>();
    long head = r64(0x2010);
    for (long tail = r64(0x2018); head != tail; head = head + 16 & 0x1FFF) {
      words.add(peek(EVENTS + head));
      words.add(peek(EVENTS + head + 8));
    }
    w64(0x2010, head);
    return words;
  }

  /** The example's tables for Mode 3: 4 KiB at 0x1234567000, 64 KiB at 0x1234580000. */
  Rig hostTables() {
    poke(0x123456240L, 0x6000000123457401L);
    poke(0x123457D10L, 0x6000000123458201L);
    poke(0x123458B38L, 0x700000ABCDEF0001L);
    for (int replica = 0; replica < 16; replica++) {
      poke(0x123458C00L + 8L * replica, 0x7000000777777E01L);
    }
    return this;
  }

  /** Asks for a translation; the packed answer. */
  long ask(DmaRequest request) {
    return unit.translate(request);
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
    return "iommu0";
  }

  @Override
  public MachineMemory memory() {
    return seen;
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
