package org.ioasis.itest;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.FrameworkListener;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogLevel;
import org.osgi.service.log.LogReaderService;
import org.slf4j.LoggerFactory;

/**
 * Collects every error that is told to SLF4J, to the OSGi log or as a framework event, inside a
 * framework, until it is closed.
 */
final class ErrorLog extends AppenderBase<ILoggingEvent>
    implements FrameworkListener, AutoCloseable {
  private final List<String> errors = new CopyOnWriteArrayList<>();
  private final BundleContext bundle;
  private final LogReaderService reader;
  private final long before;
  private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

  ErrorLog(BundleContext bundle) {
    this.bundle = bundle;
    reader = bundle.getService(bundle.getServiceReference(LogReaderService.class));
    before = entries().stream().mapToLong(LogEntry::getSequence).max().orElse(-1);
    setContext(root.getLoggerContext());
    start();
    root.addAppender(this);
    bundle.addFrameworkListener(this);
  }

  /** What was told so far, a line each. */
  List<String> errors() {
    List<String> all = new ArrayList<>(errors);
    // Read, not listened to: the log tells its listeners later and on a thread of its own.
    for (LogEntry entry : entries()) {
      if (entry.getSequence() > before && entry.getLogLevel() == LogLevel.ERROR) {
        all.add(
            "log " + entry.getBundle() + ": " + entry.getMessage() + cause(entry.getException()));
      }
    }
    return all;
  }

  private List<LogEntry> entries() {
    return Collections.list(reader.getLog());
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (event.getLevel().isGreaterOrEqual(Level.ERROR)) {
      errors.add("slf4j " + event.getLoggerName() + ": " + event.getFormattedMessage());
    }
  }

  @Override
  public void frameworkEvent(FrameworkEvent event) {
    if (event.getType() == FrameworkEvent.ERROR) {
      errors.add("framework " + event.getBundle() + cause(event.getThrowable()));
    }
  }

  private static String cause(Throwable cause) {
    return cause == null ? "" : " (" + cause + ")";
  }

  @Override
  public void close() {
    bundle.removeFrameworkListener(this);
    root.detachAppender(this);
    stop();
  }
}
