package org.ioasis.iopf;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.FaultAnswer;
import org.ioasis.api.fault.Fault;
import org.ioasis.api.fault.FaultReport;
import org.ioasis.api.fault.FaultResponse;
import org.ioasis.iopf.core.Watcher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps records: groups and reports for the flight recorder, reports and trouble for the log.
 * Reports come limited in rate, with the number of those left out; trouble is logged once for each
 * who makes it.
 *
 * <p><b>Threading:</b> any thread.
 */
public final class Records implements Watcher {
  private static final Logger LOG = LoggerFactory.getLogger(Records.class);

  /** A group of page faults and its answer. */
  @Name("org.ioasis.PageFaultGroup")
  @Label("Page fault group")
  @Category("Ioasis")
  @StackTrace(false)
  static final class Group extends Event {
    @Label("Source id")
    int sourceId;

    @Label("PASID")
    int pasid;

    @Label("Domain")
    int domain;

    @Label("Label")
    long label;

    @Label("First address")
    long address;

    @Label("Faults")
    int faults;

    @Label("Response")
    String response;

    @Label("Answered by")
    String by;

    @Label("Waited")
    @Timespan(Timespan.NANOSECONDS)
    long waited;
  }

  /** A fault that ended badly. */
  @Name("org.ioasis.DmaFault")
  @Label("DMA fault")
  @Category("Ioasis")
  @StackTrace(false)
  static final class Report extends Event {
    @Label("Unit")
    String unit;

    @Label("Source id")
    int sourceId;

    @Label("PASID")
    int pasid;

    @Label("Address")
    long address;

    @Label("Meaning")
    String meaning;

    @Label("Suppressed before")
    long suppressed;
  }

  /** Records that a unit lost. */
  @Name("org.ioasis.FaultsLost")
  @Label("Faults lost")
  @Category("Ioasis")
  @StackTrace(false)
  static final class Lost extends Event {
    @Label("Unit")
    String unit;

    @Label("Recoverable")
    boolean recoverable;

    @Label("At least")
    long atLeast;
  }

  private final Set<String> logged = ConcurrentHashMap.newKeySet();

  @Override
  public void answered(List<Fault> faults, FaultResponse response, String by, long waitedNanos) {
    Group record = new Group();
    if (record.isEnabled()) {
      Fault first = faults.get(0);
      record.sourceId = first.source().sourceId();
      record.pasid = first.pasid();
      record.domain = first.route().domain().id();
      record.label = first.label();
      record.address = first.address();
      record.faults = faults.size();
      record.response = response.name();
      record.by = by;
      record.waited = waitedNanos;
      record.commit();
    }
  }

  @Override
  public void report(FaultReport report) {
    Report record = new Report();
    if (record.isEnabled()) {
      record.unit = report.unitId();
      record.sourceId = report.fault().sourceId();
      record.pasid = report.fault().pasid();
      record.address = report.fault().address();
      record.meaning = report.meaning();
      record.suppressed = report.suppressed();
      record.commit();
    }
    LOG.warn(
        "{}: device 0x{} (label 0x{}): {}{}",
        report.unitId().isEmpty() ? "device" : report.unitId(),
        Integer.toHexString(report.fault().sourceId()),
        Long.toHexString(report.label()),
        report.meaning(),
        report.suppressed() == 0 ? "" : "; " + report.suppressed() + " suppressed before");
  }

  @Override
  public void lost(String unitId, boolean recoverable, long atLeast) {
    Lost record = new Lost();
    record.unit = unitId;
    record.recoverable = recoverable;
    record.atLeast = atLeast;
    record.commit();
    String what = recoverable ? "page requests" : "fault records";
    if (logged.add("lost " + what + unitId)) {
      LOG.warn("{}: at least {} {} lost; further ones count", unitId, atLeast, what);
    }
  }

  @Override
  public void threw(String who, Throwable thrown) {
    if (logged.add("threw " + who)) {
      LOG.warn("{} threw; further ones count", who, thrown);
    }
  }

  @Override
  public void stalled(String handler, List<Fault> faults) {
    if (logged.add("stalled " + handler)) {
      LOG.warn(
          "handler {} has not returned within the time-out of its group; device 0x{} goes on"
              + " without it",
          handler,
          Integer.toHexString(faults.get(0).source().sourceId()));
    }
  }

  @Override
  public void unsent(FaultAnswer answer, BatchResult result) {
    if (logged.add("unsent " + answer.sourceId())) {
      LOG.warn("an answer was not delivered: {}: {}; further ones count", answer, result);
    }
  }
}
