package org.ioasis.shell.log;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogListener;
import org.osgi.service.log.LogReaderService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends entries of the OSGi log to SLF4J, so that a component that cannot be activated is seen on
 * standard error. Entries are logged under the name of the bundle they come from. What happens to
 * bundles and services in the ordinary course is left out.
 *
 * <p>Threading: the log service calls {@link #logged} from threads of its own.
 */
@Component(
    service = {},
    immediate = true)
public final class LogForwarder implements LogListener {
  private static final String EVENTS_PREFIX = "Events.";

  private final LogReaderService reader;

  /** Starts forwarding what is logged from now on. */
  @Activate
  public LogForwarder(@Reference LogReaderService reader) {
    this.reader = reader;
    reader.addLogListener(this);
  }

  /** Stops forwarding. */
  @Deactivate
  void stop() {
    reader.removeLogListener(this);
  }

  @Override
  public void logged(LogEntry entry) {
    String name = entry.getLoggerName();
    if (name != null && name.startsWith(EVENTS_PREFIX)) {
      return;
    }
    Logger log = LoggerFactory.getLogger(entry.getBundle().getSymbolicName());
    switch (entry.getLogLevel()) {
      case AUDIT, ERROR -> log.error(entry.getMessage(), entry.getException());
      case WARN -> log.warn(entry.getMessage(), entry.getException());
      case INFO -> log.info(entry.getMessage(), entry.getException());
      default -> log.debug(entry.getMessage(), entry.getException());
    }
  }
}
