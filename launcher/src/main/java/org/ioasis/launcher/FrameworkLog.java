package org.ioasis.launcher;

import org.apache.felix.framework.Logger;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.FrameworkListener;
import org.osgi.framework.ServiceReference;
import org.slf4j.LoggerFactory;

/**
 * Sends what the framework has to say to the log on standard error. Without it the framework writes
 * to standard output, which belongs to the answer.
 */
final class FrameworkLog extends Logger implements FrameworkListener {
  private static final org.slf4j.Logger LOG = LoggerFactory.getLogger("org.ioasis.framework");

  @Override
  @SuppressWarnings("rawtypes") // as the framework declares it
  protected void doLog(
      Bundle bundle, ServiceReference reference, int level, String message, Throwable cause) {
    doLog(level, bundle == null ? message : bundle.getSymbolicName() + ": " + message, cause);
  }

  @Override
  protected void doLog(int level, String message, Throwable cause) {
    switch (level) {
      case LOG_ERROR -> LOG.error(message, cause);
      case LOG_WARNING -> LOG.warn(message, cause);
      case LOG_INFO -> LOG.info(message, cause);
      default -> LOG.debug(message, cause);
    }
  }

  @Override
  public void frameworkEvent(FrameworkEvent event) {
    String name = event.getBundle().getSymbolicName();
    if (event.getType() == FrameworkEvent.ERROR) {
      LOG.error("bundle {}: {}", name, event.getThrowable().getMessage(), event.getThrowable());
    } else if (event.getType() == FrameworkEvent.WARNING) {
      LOG.warn("bundle {}: {}", name, event.getThrowable().getMessage());
    }
  }
}
