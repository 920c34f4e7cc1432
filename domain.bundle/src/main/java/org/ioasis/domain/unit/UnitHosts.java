package org.ioasis.domain.unit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.DriverFactory;
import org.ioasis.api.driver.FaultAnswer;
import org.ioasis.api.fault.FaultRouter;
import org.ioasis.api.machine.Machine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The units of one machine and who drives them. Units, factories and the router come and go in any
 * order.
 *
 * <p><b>Threading:</b> any thread, outside bursts. {@code life} serialises what comes and goes; it
 * is held while a driver starts, lets go or stops, and while the listener is told. {@code hosts} is
 * read without it.
 */
public final class UnitHosts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(UnitHosts.class);

  private final Machine machine;
  private final UnitListener listener;
  private final Function<String, Map<String, Long>> parameters;
  private final LateAnswers answers;
  private final EnableBits bits;
  private final ReentrantLock life = new ReentrantLock();
  private final Map<String, UnitHost> hosts = new ConcurrentSkipListMap<>();
  private final List<DriverFactory> factories = new ArrayList<>();
  private FaultRouter router;
  private volatile Function<FaultAnswer, String> servedBy = answer -> null;

  /**
   * Makes the place; there are no units yet.
   *
   * @param parameters the parameters of the driver of a unit, by its identity
   */
  public UnitHosts(
      Machine machine, UnitListener listener, Function<String, Map<String, Long>> parameters) {
    this.machine = machine;
    this.listener = listener;
    this.parameters = parameters;
    this.bits = new EnableBits(machine.fabric());
    this.answers = new LateAnswers(machine.scheduler(), this::respond);
  }

  /** How the unit that now serves an answer's device is found; null for none. */
  public void servedBy(Function<FaultAnswer, String> finder) {
    servedBy = finder;
  }

  /** The enable bits of the devices. */
  public EnableBits bits() {
    return bits;
  }

  /** The lock of life cycles; a swap holds it, so that nothing comes or goes meanwhile. */
  public ReentrantLock life() {
    return life;
  }

  /** The unit with this identity. */
  public Optional<UnitHost> host(String unitId) {
    return Optional.ofNullable(unitId == null ? null : hosts.get(unitId));
  }

  /**
   * The unit with this identity.
   *
   * @throws IoasisException NOT_FOUND if there is none
   */
  public UnitHost require(String unitId) {
    return host(unitId)
        .orElseThrow(
            () ->
                new IoasisException(
                    Reason.NOT_FOUND,
                    "unit %s is not installed; there are %s".formatted(unitId, hosts.keySet())));
  }

  /** All units, by identity. */
  public List<UnitHost> hosts() {
    return List.copyOf(hosts.values());
  }

  /** Bytes of frames that all drivers hold. */
  public long framesHeld() {
    return hosts.values().stream().mapToLong(UnitHost::framesHeld).sum();
  }

  /** A unit was installed. */
  public void unitCame(String unitId, String kind) {
    life.lock();
    try {
      UnitHost before = hosts.remove(unitId);
      if (before != null) {
        before.end();
      }
      UnitHost host = new UnitHost(machine, unitId, kind, listener, bits, answers::add);
      if (router != null) {
        host.route(router.sink(unitId));
      }
      hosts.put(unitId, host);
      factoryOf(kind).ifPresent(factory -> host.serve(factory, parameters.apply(unitId)));
    } finally {
      life.unlock();
    }
  }

  /** A unit has left the fabric; its ports are blocked already. */
  public void unitGone(String unitId) {
    life.lock();
    try {
      UnitHost host = hosts.remove(unitId);
      if (host != null) {
        host.end();
      }
    } finally {
      life.unlock();
    }
  }

  private Optional<DriverFactory> factoryOf(String kind) {
    return factories.stream().filter(factory -> kind.equals(factory.kind())).findFirst();
  }

  /** A factory came: units of its kind that nobody serves get a driver. */
  public void factoryCame(DriverFactory factory) {
    life.lock();
    try {
      factories.add(factory);
      for (UnitHost host : hosts()) {
        if (host.kind().equals(factory.kind()) && !host.isServing()) {
          host.serve(factory, parameters.apply(host.unitId()));
        }
      }
    } finally {
      life.unlock();
    }
  }

  /** A factory goes: its drivers hand over, at once if another factory of the kind is there. */
  public void factoryGone(DriverFactory factory) {
    life.lock();
    try {
      factories.remove(factory);
      for (UnitHost host : hosts()) {
        if (host.isDrivenBy(factory)) {
          host.letGo();
          factoryOf(host.kind())
              .ifPresent(next -> host.serve(next, parameters.apply(host.unitId())));
        }
      }
    } finally {
      life.unlock();
    }
  }

  /**
   * Exchanges the driver of a unit for one of the newest factory of its kind, the unit translating
   * on; a unit without a serving driver is started.
   *
   * @throws IoasisException GONE without a factory of this kind
   */
  public void exchangeDriver(UnitHost host) {
    life.lock();
    try {
      DriverFactory next =
          factories.stream()
              .filter(factory -> host.kind().equals(factory.kind()))
              .reduce((first, second) -> second)
              .orElseThrow(
                  () ->
                      new IoasisException(
                          Reason.GONE,
                          "driver of unit %s not exchanged: no factory of kind %s is there"
                              .formatted(host.unitId(), host.kind())));
      host.letGo();
      host.serve(next, parameters.apply(host.unitId()));
    } finally {
      life.unlock();
    }
  }

  /** Starts a unit afresh that has no devices any more, so that nothing is left of them. */
  public void renew(UnitHost host) {
    life.lock();
    try {
      host.switchOff();
      serve(host);
    } finally {
      life.unlock();
    }
  }

  /** Makes a unit that stands idle serve, for whoever is about to move there. */
  public boolean serve(UnitHost host) {
    life.lock();
    try {
      if (!host.isServing()) {
        factoryOf(host.kind())
            .ifPresent(factory -> host.serve(factory, parameters.apply(host.unitId())));
      }
      return host.isServing();
    } finally {
      life.unlock();
    }
  }

  /** The router of page faults came. */
  public void routerCame(FaultRouter came) {
    life.lock();
    try {
      router = came;
      hosts.values().forEach(host -> host.route(came.sink(host.unitId())));
    } finally {
      life.unlock();
    }
  }

  /** The router goes; it has closed what was open. */
  public void routerGone(FaultRouter gone) {
    life.lock();
    try {
      if (router == gone) {
        router = null;
        hosts.values().forEach(host -> host.route(null));
      }
    } finally {
      life.unlock();
    }
  }

  /**
   * Answers, each through the unit that now serves its device, in order.
   *
   * @return how many, and why it ended there
   */
  public BatchResult respond(List<FaultAnswer> list) {
    int done = 0;
    while (done < list.size()) {
      FaultAnswer first = list.get(done);
      String unitId = servedBy.apply(first);
      UnitHost host = unitId == null ? null : hosts.get(unitId);
      if (host == null || !host.isServing()) {
        return new BatchResult(
            done,
            Reason.GONE,
            "answer to device 0x%x refused: no unit serves it now".formatted(first.sourceId()),
            0);
      }
      int end = done + 1;
      while (end < list.size() && unitId.equals(servedBy.apply(list.get(end)))) {
        end++;
      }
      BatchResult part;
      try {
        part = host.respond(list.subList(done, end));
      } catch (IoasisException e) {
        return new BatchResult(done, e.reason(), e.getMessage(), 0);
      }
      done += part.done();
      if (!part.complete()) {
        return new BatchResult(done, part.reason(), part.message(), part.label());
      }
    }
    return BatchResult.all(done);
  }

  /** Switches every unit off; the machine is going, or we are. */
  @Override
  public void close() {
    life.lock();
    try {
      hosts.values().forEach(UnitHost::end);
      hosts.clear();
      answers.close();
    } catch (RuntimeException e) {
      LOG.warn("domain: a unit did not end in order", e);
    } finally {
      life.unlock();
    }
  }
}
