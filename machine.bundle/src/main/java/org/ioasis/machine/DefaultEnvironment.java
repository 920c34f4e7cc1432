package org.ioasis.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.TimeSource;
import org.ioasis.api.machine.UnitEnvironment;
import org.ioasis.api.machine.Work;
import org.ioasis.api.machine.WorkQueue;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.machine.fabric.MachineFabric;

/**
 * What one unit lives on.
 *
 * <p><b>Threading:</b> any thread; {@code queues} guards itself and {@code ended}.
 */
final class DefaultEnvironment implements UnitEnvironment {
  private final DefaultMachine machine;
  private final MachineFabric fabric;
  private final String unitId;
  private final List<WorkQueue> queues = new ArrayList<>();
  private boolean ended;

  DefaultEnvironment(DefaultMachine machine, MachineFabric fabric, String unitId) {
    this.machine = machine;
    this.fabric = fabric;
    this.unitId = unitId;
  }

  @Override
  public String unitId() {
    return unitId;
  }

  @Override
  public PhysicalMemory memory() {
    return machine.memory();
  }

  @Override
  public TimeSource time() {
    return machine.time();
  }

  @Override
  public WorkQueue workQueue(String name, Work work) {
    synchronized (queues) {
      if (ended) {
        throw new IoasisException(
            Reason.GONE,
            "work queue %s refused: unit %s has left machine %s"
                .formatted(name, unitId, machine.name()));
      }
      WorkQueue queue = machine.scheduler().queue(unitId + "." + name, work);
      queues.add(queue);
      return queue;
    }
  }

  @Override
  public void raiseMsi(long address, int data) {
    fabric.raise(address, data);
  }

  @Override
  public boolean tryRaiseMsi(long address, int data) {
    return fabric.raise(address, data);
  }

  @Override
  public Optional<Endpoint> endpoint(int sourceId) {
    return fabric.endpoint(sourceId);
  }

  @Override
  public long graceTicket() {
    return fabric.graceTicket();
  }

  @Override
  public boolean graceElapsed(long ticket) {
    return fabric.graceElapsed(ticket);
  }

  /** Ends the unit's queues; waits for turns under way. */
  void end() {
    List<WorkQueue> left;
    synchronized (queues) {
      ended = true;
      left = List.copyOf(queues);
      queues.clear();
    }
    left.forEach(machine.scheduler()::remove);
  }
}
