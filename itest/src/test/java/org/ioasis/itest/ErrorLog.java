package org.ioasis.itest;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.FrameworkListener;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogLevel;
import org.osgi.service.log.LogListener;
import org.osgi.service.log.LogReaderService;
import org.slf4j.LoggerFactory;

/**
 * Collects every error that is told to SLF4J, to the OSGi log or as a framework event, inside a
 * framework, until it is closed.
 */
final class ErrorLog extends AppenderBase<ILoggingEvent>
    implements LogListener, FrameworkListener, AutoCloseable {
  private final List<String> errors = new CopyOnWriteArrayList<>();
  private final BundleContext context;
  private final LogReaderService reader;
  private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

  ErrorLog(BundleContext context) {
    this.context = context;
    reader = context.getService(context.getServiceReference(LogReaderService.class));
    setContext(root.getLoggerContext());
    start();
    root.addAppender(this);
    reader.addLogListener(this);
    context.addFrameworkListener(this);
  }

  /** What was told so far, a line each. */
  List<String> errors() {
    return List.copyOf(errors);
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (event.getLevel().isGreaterOrEqual(Level.ERROR)) {
      errors.add("slf4j " + event.getLoggerName() + ": " + event.getFormattedMessage());
    }
  }

  @Override
  public void logged(LogEntry entry) {
    if (entry.getLogLevel() == LogLevel.ERROR || entry.getLogLevel() == LogLevel.AUDIT) {
      errors.add(
          "log " + entry.getBundle() + ": " + entry.getMessage() + cause(entry.getException()));
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
    context.removeFrameworkListener(this);
    reader.removeLogListener(this);
    root.detachAppender(this);
    stop();
  }
}
