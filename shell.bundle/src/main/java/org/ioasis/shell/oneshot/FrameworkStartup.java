package org.ioasis.shell.oneshot;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.FrameworkListener;
import org.osgi.framework.startlevel.BundleStartLevel;

/**
 * The start of the framework this runs in. It has ended when the framework is active: the beginning
 * start level has been reached then, and with it every component that can be satisfied offers its
 * service.
 *
 * <p><b>Threading:</b> the framework tells on its own thread; a latch passes it on.
 */
final class FrameworkStartup implements Startup, FrameworkListener, AutoCloseable {
  private final BundleContext context;
  private final long timeoutMillis;
  private final CountDownLatch started = new CountDownLatch(1);

  /** Listens from now on. */
  FrameworkStartup(BundleContext context, long timeoutMillis) {
    this.context = context;
    this.timeoutMillis = timeoutMillis;
    context.addFrameworkListener(this);
    if (context.getBundle(Constants.SYSTEM_BUNDLE_ID).getState() == Bundle.ACTIVE) {
      started.countDown();
    }
  }

  @Override
  public void frameworkEvent(FrameworkEvent event) {
    if (event.getType() == FrameworkEvent.STARTED) {
      started.countDown();
    }
  }

  @Override
  public boolean await() throws InterruptedException {
    return started.await(timeoutMillis, TimeUnit.MILLISECONDS);
  }

  @Override
  public long timeoutMillis() {
    return timeoutMillis;
  }

  @Override
  public List<String> notRunning() {
    return Arrays.stream(context.getBundles())
        .filter(bundle -> bundle.getState() != Bundle.ACTIVE && wanted(bundle))
        .map(Bundle::getSymbolicName)
        .sorted()
        .toList();
  }

  private static boolean wanted(Bundle bundle) {
    boolean fragment = bundle.getHeaders("").get(Constants.FRAGMENT_HOST) != null;
    return !fragment && bundle.adapt(BundleStartLevel.class).isPersistentlyStarted();
  }

  @Override
  public void close() {
    context.removeFrameworkListener(this);
  }
}
