package org.ioasis.allocator;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.ioasis.allocator.core.Watcher;
import org.ioasis.api.ioasid.IoasidEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps records: each event for the flight recorder, and a line in the log when a listener fails,
 * is late or is overrun, once per listener.
 *
 * <p><b>Threading:</b> any thread.
 */
final class Records implements Watcher {
  private static final Logger LOG = LoggerFactory.getLogger(Records.class);

  /** One event of the allocator. */
  @Name("org.ioasis.Ioasid")
  @Label("IOASID event")
  @Category("Ioasis")
  @StackTrace(false)
  static final class Transition extends Event {
    @Label("Kind")
    String kind;

    @Label("Set")
    int sid;

    @Label("Sequence")
    long sequence;

    @Label("What")
    String what;
  }

  /** A listener that threw, did not acknowledge in time, or lost events. */
  @Name("org.ioasis.IoasidListenerTrouble")
  @Label("IOASID listener trouble")
  @Category("Ioasis")
  @StackTrace(false)
  static final class Trouble extends Event {
    @Label("Listener")
    String listener;

    @Label("What")
    String what;
  }

  private static final EventType TRANSITION = EventType.getEventType(Transition.class);

  private final Set<String> logged = ConcurrentHashMap.newKeySet();

  @Override
  public boolean isRecording() {
    return TRANSITION.isEnabled();
  }

  @Override
  public void event(IoasidEvent event) {
    Transition record = new Transition();
    record.kind = event.getClass().getSimpleName();
    record.sid = event.sid();
    record.sequence = event.sequence();
    record.what = event.toString();
    record.commit();
  }

  @Override
  public void overrun(String listener, long lost) {
    trouble(listener, "overrun: " + lost + " events lost");
    if (logged.add("overrun " + listener)) {
      LOG.warn("listener {} lost {} events and is told the present; more count", listener, lost);
    }
  }

  @Override
  public void laggard(String listener, IoasidEvent event) {
    trouble(listener, "late: " + event);
    if (logged.add("late " + listener)) {
      LOG.warn("listener {} did not acknowledge in time: {}; further ones count", listener, event);
    }
  }

  @Override
  public void failed(String listener, Throwable thrown) {
    trouble(listener, "threw: " + thrown);
    if (logged.add("threw " + listener)) {
      LOG.warn("listener {} threw; further ones count", listener, thrown);
    }
  }

  private static void trouble(String listener, String what) {
    Trouble record = new Trouble();
    record.listener = listener;
    record.what = what;
    record.commit();
  }
}
