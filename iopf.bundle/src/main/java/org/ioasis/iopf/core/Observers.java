package org.ioasis.iopf.core;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.ioasis.api.Handle;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.fault.Fault;
import org.ioasis.api.fault.FaultObserver;
import org.ioasis.api.fault.FaultReport;
import org.ioasis.api.fault.FaultReportListener;
import org.ioasis.api.fault.FaultResponse;

/**
 * Who looks on: observers of groups, of one page table or all, and listeners to reports.
 *
 * <p><b>Threading:</b> any thread; telling puts calls into mailboxes and runs nothing.
 */
final class Observers {
  /** In place of a domain: all of them. */
  static final int ALL = 0;

  private record Observer(FaultObserver observer, int domain, Mailbox mailbox) {
    boolean wants(Handle<Domain> of) {
      return domain == ALL || domain == of.id();
    }
  }

  private record Listener(FaultReportListener listener, Mailbox mailbox) {}

  private final Router router;
  private final List<Observer> observers = new CopyOnWriteArrayList<>();
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();

  Observers(Router router) {
    this.router = router;
  }

  void add(FaultObserver observer, int domain, String name) {
    observers.add(new Observer(observer, domain, new Mailbox(router, name)));
  }

  void remove(FaultObserver observer) {
    for (Observer one : observers) {
      if (one.observer() == observer) {
        observers.remove(one);
        one.mailbox().close();
        return;
      }
    }
  }

  void add(FaultReportListener listener, String name) {
    listeners.add(new Listener(listener, new Mailbox(router, name)));
  }

  void remove(FaultReportListener listener) {
    for (Listener one : listeners) {
      if (one.listener() == listener) {
        listeners.remove(one);
        one.mailbox().close();
        return;
      }
    }
  }

  void delivered(GroupCore group) {
    for (Observer one : observers) {
      if (one.wants(group.domain())) {
        one.mailbox().put(() -> one.observer().delivered(group.domain(), group.faults()));
      }
    }
  }

  void answered(GroupCore group, Ending how) {
    Handle<Domain> domain = group.domain();
    List<Fault> faults = group.faults();
    FaultResponse response = how.response();
    for (Observer one : observers) {
      if (one.wants(domain)) {
        one.mailbox().put(() -> one.observer().answered(domain, faults, response, how.by()));
      }
    }
  }

  void report(FaultReport report) {
    for (Listener one : listeners) {
      one.mailbox().put(() -> one.listener().report(report));
    }
  }
}
