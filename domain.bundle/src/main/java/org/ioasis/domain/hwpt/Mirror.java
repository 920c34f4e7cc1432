package org.ioasis.domain.hwpt;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.ioasis.api.Handle;
import org.ioasis.api.IovaRange;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DomainLimits;
import org.ioasis.api.machine.Machine;
import org.ioasis.domain.space.Follower;
import org.ioasis.domain.unit.HostedBatch;
import org.ioasis.domain.unit.HostedDomain;
import org.ioasis.domain.unit.PortGate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A hardware page table that follows a space.
 *
 * <p><b>While its driver is away</b> (handed over and not yet taken up, or failed) changes cannot
 * reach it. They are not refused, since a space is data: the mirror is <i>behind</i> from then on,
 * the ports of the devices that use it are closed before the change returns, and they stay so until
 * it has been filled anew. So what was removed is gone for every DMA all the same.
 *
 * <p><b>Threading:</b> any thread; batches are pooled, each used by one thread at a time. {@code
 * gates} is written under the lock of the structure and read by anybody. Leaf locks only are taken
 * in a batch.
 */
public final class Mirror implements Follower {
  private static final Logger LOG = LoggerFactory.getLogger(Mirror.class);

  private final Machine machine;
  private final String name;
  private final Handle<Domain> domain;
  private final HostedDomain hosted;
  private final DomainLimits limits;
  private final boolean faultCapable;
  private final Set<PortGate> gates = new CopyOnWriteArraySet<>();
  private final ConcurrentLinkedQueue<MirrorBatch> pool = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean behind = new AtomicBoolean();

  Mirror(
      Machine machine,
      String name,
      Handle<Domain> domain,
      HostedDomain hosted,
      boolean faultCapable) {
    this.machine = machine;
    this.name = name;
    this.domain = domain;
    this.hosted = hosted;
    this.limits = hosted.limits();
    this.faultCapable = faultCapable;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Optional<Handle<Domain>> domain() {
    return Optional.of(domain);
  }

  @Override
  public DomainLimits limits() {
    return limits;
  }

  @Override
  public boolean faultCapable() {
    return faultCapable;
  }

  /** Whether changes have passed it by. */
  public boolean isBehind() {
    return behind.get();
  }

  /** A device's entry leads here from now on. */
  public void join(PortGate gate) {
    gates.add(gate);
    if (behind.get()) {
      gate.close(PortGate.Closed.BEHIND);
    }
  }

  /** No entry of the device leads here any more. */
  public void leave(PortGate gate) {
    gates.remove(gate);
  }

  @Override
  public DomainBatch batch() {
    MirrorBatch batch = pool.poll();
    return batch == null ? new MirrorBatch(this, hosted.batch()) : batch;
  }

  void giveBack(MirrorBatch batch) {
    pool.add(batch);
  }

  /** A change could not reach the table: nothing passes through it any more. */
  void fallBehind() {
    if (behind.compareAndSet(false, true)) {
      LOG.warn(
          "domain: {} is behind its space; its devices are blocked until it is filled anew", name);
    }
    boolean wait = false;
    for (PortGate gate : gates) {
      wait |= gate.shut(PortGate.Closed.BEHIND);
    }
    if (wait) {
      machine.fabric().awaitGrace(machine.fabric().graceTicket());
    }
  }

  @Override
  public void failed(RuntimeException cause) {
    LOG.error("domain: {} did not take a change", name, cause);
    fallBehind();
  }

  /**
   * Empties the table; it does not follow now and its devices are closed.
   *
   * @throws org.ioasis.api.IoasisException GONE if its driver is away
   */
  void clear() {
    HostedBatch batch = hosted.batch();
    batch.begin();
    try {
      for (IovaRange window : limits.windows()) {
        batch.unmap(window);
      }
      batch.sync();
    } finally {
      batch.end();
    }
    pool.clear();
    behind.set(false);
  }

  /** It holds what the space maps again: devices pass if nothing else holds them. */
  void caughtUp() {
    List<PortGate> waiting = new ArrayList<>(gates);
    waiting.forEach(gate -> gate.open(PortGate.Closed.BEHIND));
  }
}
