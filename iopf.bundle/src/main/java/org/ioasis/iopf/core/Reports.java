package org.ioasis.iopf.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.ioasis.api.Blob;
import org.ioasis.api.Handle;
import org.ioasis.api.device.Device;
import org.ioasis.api.driver.FaultClass;
import org.ioasis.api.driver.FaultStage;
import org.ioasis.api.driver.UnrecoverableFault;
import org.ioasis.api.fault.FaultReport;
import org.ioasis.api.fault.Route;
import org.ioasis.api.machine.DmaRequest;

/**
 * Faults that nobody can mend: labelled, put into words, limited in rate per source, told to
 * listeners and log, and the last ones kept.
 *
 * <p><b>Threading:</b> any thread; {@code this} guards limits and history.
 */
final class Reports {
  private static final int KEPT = 128;
  private static final int MOST_SOURCES = 65_536;

  private static final class Limit {
    final Bucket bucket;
    long suppressed;

    Limit(Settings settings) {
      bucket = new Bucket(settings.reportRate(), settings.reportBurst());
    }
  }

  private final Router router;
  private final Map<Integer, Limit> limits = new HashMap<>();
  private final Deque<FaultReport> recent = new ArrayDeque<>();

  Reports(Router router) {
    this.router = router;
  }

  void unrecoverable(String unitId, UnrecoverableFault fault) {
    router.counters().count(Counter.UNRECOVERABLE);
    long suppressed = pass(fault.sourceId());
    if (suppressed >= 0) {
      Route route = router.route(fault.sourceId(), fault.pasid());
      Optional<Handle<Device>> device = Optional.ofNullable(route).map(Route::device);
      publish(unitId, device, route, fault, suppressed);
    }
  }

  /** A device speaks for itself. */
  void said(Handle<Device> device, int pasid, long address, int access) {
    router.counters().count(Counter.UNRECOVERABLE);
    Route route = null;
    for (Route one : router.routes().table().routes()) {
      boolean exact = one.device().equals(device) && one.key().pasid() == pasid;
      boolean wide = one.device().equals(device) && one.everyPasid();
      route = exact || (route == null && wide) ? one : route;
    }
    int source = route == null ? 0 : route.key().sourceId();
    long suppressed = pass(source);
    if (suppressed >= 0) {
      TimeWheel wheel = router.wheel();
      UnrecoverableFault fault =
          new UnrecoverableFault(
              source,
              pasid,
              address,
              access,
              false,
              0,
              "ACCESS_FAIL",
              FaultStage.UNKNOWN,
              FaultClass.DATA,
              0,
              0,
              new Blob("none", java.nio.ByteBuffer.allocate(0)),
              wheel == null ? 0 : wheel.time().nanoTime());
      publish("", Optional.of(device), route, fault, suppressed);
    }
  }

  /** How many were left out before this one; below 0 if this one is left out, too. */
  private synchronized long pass(int source) {
    TimeWheel wheel = router.wheel();
    long now = wheel == null ? 0 : wheel.time().nanoTime();
    Limit limit = limits.get(source);
    if (limit == null) {
      if (limits.size() >= MOST_SOURCES) {
        limits.clear(); // somebody walks through the sources; memory is worth more than the counts
      }
      limit = new Limit(router.around().settings());
      limits.put(source, limit);
    }
    if (!limit.bucket.take(now)) {
      limit.suppressed++;
      router.counters().count(Counter.SUPPRESSED);
      return -1;
    }
    long suppressed = limit.suppressed;
    limit.suppressed = 0;
    return suppressed;
  }

  private void publish(
      String unitId,
      Optional<Handle<Device>> device,
      Route route,
      UnrecoverableFault fault,
      long suppressed) {
    FaultReport report =
        new FaultReport(
            unitId,
            device,
            route == null ? 0 : route.label(),
            Optional.ofNullable(route).map(Route::domain),
            fault,
            meaning(fault),
            suppressed);
    synchronized (this) {
      if (recent.size() >= KEPT) {
        recent.poll();
      }
      recent.add(report);
    }
    router.watcher().report(report);
    router.observers().report(report);
  }

  /** The last reports, oldest first. */
  synchronized List<FaultReport> recent() {
    return new ArrayList<>(recent);
  }

  /** What was refused by what, in plain words. */
  static String meaning(UnrecoverableFault fault) {
    StringBuilder text = new StringBuilder();
    text.append(fault.privileged() ? "privileged " : "").append(accessName(fault.access()));
    text.append(" of 0x").append(Long.toHexString(fault.address()));
    if (fault.pasid() != DmaRequest.NO_PASID) {
      text.append(" with pasid 0x").append(Integer.toHexString(fault.pasid()));
    }
    text.append(" refused by ").append(place(fault)).append(": ").append(fault.name());
    if (fault.stage() == FaultStage.SECOND && fault.ipa() != 0) { // records of VT-d have none
      text.append(", guest physical address 0x").append(Long.toHexString(fault.ipa()));
    }
    return text.toString();
  }

  private static String place(UnrecoverableFault fault) {
    String stage =
        fault.stage() == FaultStage.UNKNOWN
            ? ""
            : fault.stage().name().toLowerCase(Locale.ROOT) + " stage";
    String part =
        switch (fault.faultClass()) {
          case UNKNOWN -> stage.isEmpty() ? "the unit" : "";
          case DATA -> stage.isEmpty() ? "the translation" : "translation";
          case TABLE -> "walk of a page table";
          case CONTEXT -> "a device or PASID entry";
          case INTERRUPT -> "an interrupt remapping entry";
        };
    return (stage + " " + part).strip();
  }

  private static String accessName(int access) {
    String text = (access & DmaRequest.READ) != 0 ? "read" : "";
    text += (access & DmaRequest.WRITE) != 0 ? (text.isEmpty() ? "write" : " and write") : "";
    text += (access & DmaRequest.EXECUTE) != 0 ? (text.isEmpty() ? "fetch" : " and fetch") : "";
    return text.isEmpty() ? "access" : text;
  }
}
