package org.ioasis.iopf.core;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ioasis.api.Blob;
import org.ioasis.api.Handle;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.FaultAnswer;
import org.ioasis.api.driver.FaultClass;
import org.ioasis.api.driver.FaultKind;
import org.ioasis.api.driver.FaultSink;
import org.ioasis.api.driver.FaultStage;
import org.ioasis.api.driver.RecoverableFault;
import org.ioasis.api.driver.UnrecoverableFault;
import org.ioasis.api.fault.Fault;
import org.ioasis.api.fault.FaultGroup;
import org.ioasis.api.fault.FaultHandler;
import org.ioasis.api.fault.FaultQueue;
import org.ioasis.api.fault.FaultReport;
import org.ioasis.api.fault.Route;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.machine.time.Idler;
import org.ioasis.machine.time.SimulatedTime;

/** A router on virtual time whose threads a test steps. */
final class Rig {
  static final int NO_PASID = DmaRequest.NO_PASID;
  static final long MILLI = 1_000_000;
  static final Blob RECORD = new Blob("test", ByteBuffer.allocate(0));

  final SimulatedTime time = new SimulatedTime(Idler.NONE);
  final Steps steps = new Steps(7);
  final FakeOrigin origin = new FakeOrigin(time);
  final List<String> log = new ArrayList<>();
  final List<FaultReport> reports = new ArrayList<>();
  final Router router;
  final Client client;
  final FaultSink sink;
  private long services;

  Rig() {
    this(Settings.DEFAULT);
  }

  Rig(Settings settings) {
    router = new Router(new Surroundings(steps, new Log(), settings));
    router.setOrigin(origin);
    client = router.client(1);
    sink = router.sink("unit0");
  }

  /** What the watcher was told, in short. */
  private final class Log implements Watcher {
    @Override
    public void report(FaultReport report) {
      reports.add(report);
    }

    @Override
    public void lost(String unitId, boolean recoverable, long atLeast) {
      log.add("lost " + unitId + " " + recoverable + " " + atLeast);
    }

    @Override
    public void threw(String who, Throwable thrown) {
      log.add(who + " threw " + thrown.getMessage());
    }

    @Override
    public void stalled(String handler, List<Fault> faults) {
      log.add(handler + " stalled");
    }

    @Override
    public void unsent(FaultAnswer answer, BatchResult result) {
      log.add("unsent " + answer.group() + " " + result.reason());
    }
  }

  static Handle<Device> device(int id) {
    return new Handle<>(Device.class, id, 0, 100 + id);
  }

  static Handle<Domain> domain(int id) {
    return new Handle<>(Domain.class, id, 0, 200 + id);
  }

  /** A route of a device to a page table; the device's label is 0xA0000 plus its source id. */
  Route route(int source, int pasid, int domain) {
    return origin.put(plain(source, pasid, domain, null, false, 0));
  }

  Route route(int source, int pasid, int domain, FaultQueue queue) {
    return origin.put(plain(source, pasid, domain, queue.handle(), false, 0));
  }

  static Route plain(
      int source,
      int pasid,
      int domain,
      Handle<FaultQueue> queue,
      boolean everyPasid,
      long timeoutNanos) {
    return new Route(
        new RoutingKey(source, pasid),
        device(source),
        0xA0000 + source,
        domain(domain),
        queue,
        everyPasid,
        timeoutNanos,
        0);
  }

  /** A handler for a page table; returns what names its service. */
  long handler(int domain, FaultHandler handler) {
    long id = ++services;
    router.addHandler(handler, domain, "handler" + domain, 0, id);
    return id;
  }

  /** A handler that keeps what it gets. */
  List<FaultGroup> keeper(int domain) {
    List<FaultGroup> kept = new ArrayList<>();
    handler(domain, kept::add);
    return kept;
  }

  void observer(org.ioasis.api.fault.FaultObserver observer, Integer domain) {
    router.addObserver(observer, Optional.ofNullable(domain), "observer" + ++services);
  }

  static RecoverableFault request(int source, int pasid, int group, long address, boolean last) {
    return fault(FaultKind.PAGE_REQUEST, source, pasid, group, address, DmaRequest.READ, last);
  }

  static RecoverableFault stall(int source, int pasid, int tag, long address) {
    return fault(FaultKind.STALL, source, pasid, tag, address, DmaRequest.WRITE, true);
  }

  static RecoverableFault stop(int source, int pasid) {
    return fault(FaultKind.PAGE_REQUEST, source, pasid, 0, 0, 0, true);
  }

  static RecoverableFault fault(
      FaultKind kind, int source, int pasid, int group, long address, int access, boolean last) {
    return new RecoverableFault(
        kind,
        source,
        pasid,
        address,
        access,
        false,
        group,
        last,
        FaultStage.UNKNOWN,
        FaultClass.UNKNOWN,
        0,
        RECORD,
        0);
  }

  static UnrecoverableFault broken(int source, int pasid, long address) {
    return new UnrecoverableFault(
        source,
        pasid,
        address,
        DmaRequest.WRITE,
        false,
        0x71,
        "SGN.5",
        FaultStage.FIRST,
        FaultClass.DATA,
        0,
        0,
        RECORD,
        0);
  }

  /** Hands over one request that is a group of its own, and lets everything run. */
  void ask(int source, int pasid, int group, long address) {
    sink.recoverable(request(source, pasid, group, address, true));
    steps.settle();
  }

  /** The answers so far, as {@code group:CODE}. */
  List<String> answers() {
    return origin.answers.stream().map(a -> a.group() + ":" + a.code()).toList();
  }

  static FaultAnswer answer(int source, int pasid, int group, PageResponse.Code code) {
    return new FaultAnswer(FaultKind.PAGE_REQUEST, source, pasid, group, code);
  }

  long counter(String name) {
    return client.counters().get(name);
  }

  /** Every group was answered or withdrawn, and nothing waits. */
  void check() {
    long ended =
        counter("answered.success")
            + counter("answered.invalid")
            + counter("answered.failure")
            + counter("withdrawn");
    if (counter("groups") != ended || counter("open") != 0) {
      throw new AssertionError("groups not answered once: " + client.counters());
    }
  }
}
