package org.ioasis.machine;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.machine.Fabric;
import org.ioasis.api.machine.Interrupts;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.machine.TimeSource;
import org.ioasis.api.machine.UnitEnvironment;
import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.api.memory.MachineMemory;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.machine.fabric.Graces;
import org.ioasis.machine.fabric.MachineFabric;
import org.ioasis.machine.interrupt.InterruptController;
import org.ioasis.machine.memory.FramePool;
import org.ioasis.machine.memory.SparseMemory;
import org.ioasis.machine.time.Idler;
import org.ioasis.machine.time.RealTime;
import org.ioasis.machine.time.SimulatedTime;
import org.ioasis.machine.work.MachineScheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A machine, put together from its parts. Starts no thread; the scheduler and the clock start
 * theirs with their first need.
 *
 * <p><b>Threading:</b> any thread.
 */
final class DefaultMachine implements Machine {
  private static final Logger LOG = LoggerFactory.getLogger(DefaultMachine.class);

  private final MachineSpec spec;
  private final SparseMemory memory;
  private final Graces graces = new Graces();
  private final MachineScheduler scheduler;
  private final TimeSource time;
  private final InterruptController interrupts;
  private final MachineFabric fabric;
  private final FramePool frames;
  private final ConcurrentMap<String, DefaultEnvironment> environments = new ConcurrentHashMap<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * Makes a machine.
   *
   * @throws IoasisException INVALID if the RAM or the frame pool does not fit
   */
  DefaultMachine(MachineSpec spec) {
    this.spec = spec;
    memory = new SparseMemory(spec.addressBits(), spec.ram());
    scheduler =
        new MachineScheduler(spec.name(), spec.scheduler(), spec.seed(), graces::isCallerInside);
    Idler idler = new MachineIdler(scheduler, graces);
    time = spec.virtualTime() ? new SimulatedTime(idler) : new RealTime(spec.name(), idler);
    interrupts = new InterruptController(scheduler, spec.interruptBase(), spec.interruptLast());
    fabric = new MachineFabric(spec.name(), memory, interrupts, graces, this::endEnvironment);
    frames = new FramePool(memory, framePool(memory, spec), graces::await);
  }

  private record MachineIdler(MachineScheduler scheduler, Graces graces) implements Idler {
    @Override
    public boolean progress() {
      return scheduler.progress();
    }

    @Override
    public boolean isHeld() {
      return scheduler.isWaiting() && graces.isAnyOpen();
    }

    @Override
    public void checkMayWait() {
      graces.checkCallerOutside("wait on the machine's clock");
    }
  }

  /** The pool of the specification, or the upper half of the last region. */
  private static MemoryRegion framePool(SparseMemory memory, MachineSpec spec) {
    if (spec.framePool() != null || spec.ram().isEmpty()) {
      return spec.framePool();
    }
    MemoryRegion last = memory.regions().get(memory.regions().size() - 1);
    long half = last.size() / 2 & -(1L << FrameAllocator.FRAME_LG2);
    return new MemoryRegion(last.base() + half, last.last(), last.backing());
  }

  @Override
  public String name() {
    return spec.name();
  }

  @Override
  public MachineSpec spec() {
    return spec;
  }

  @Override
  public MachineMemory memory() {
    return memory;
  }

  @Override
  public FrameAllocator frames(String owner) {
    checkOpen("frames of " + owner);
    return frames.open(owner);
  }

  @Override
  public TimeSource time() {
    return time;
  }

  @Override
  public Scheduler scheduler() {
    return scheduler;
  }

  @Override
  public Interrupts interrupts() {
    return interrupts;
  }

  @Override
  public Fabric fabric() {
    return fabric;
  }

  @Override
  public UnitEnvironment environment(String unitId) {
    checkOpen("environment of " + unitId);
    return environments.computeIfAbsent(unitId, id -> new DefaultEnvironment(this, fabric, id));
  }

  private void endEnvironment(String unitId) {
    DefaultEnvironment environment = environments.remove(unitId);
    if (environment != null) {
      environment.end();
    }
  }

  private void checkOpen(String what) {
    if (closed.get()) {
      throw new IoasisException(
          Reason.GONE, "%s refused: machine %s is closed".formatted(what, spec.name()));
    }
  }

  @Override
  public void close() {
    graces.checkCallerOutside("close of machine " + spec.name());
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    fabric.close();
    environments.keySet().forEach(this::endEnvironment);
    scheduler.close();
    if (time instanceof RealTime real) {
      real.close();
    }
    Map<String, Long> counters = fabric.counters();
    LOG.debug("machine {} is closed: {}", spec.name(), counters);
  }
}
