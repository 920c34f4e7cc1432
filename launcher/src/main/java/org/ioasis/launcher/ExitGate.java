package org.ioasis.launcher;

import java.util.Dictionary;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntConsumer;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;

/**
 * The service by which a bundle ends the launch with a status: {@link IntConsumer} with the
 * property {@code ioasis.role=exit}. The first status counts. It is registered before any bundle
 * starts.
 *
 * <p>A bundle that runs the one-shot command gets the service first and calls it at the end. While
 * nobody holds it, nobody is going to answer: {@link #await} gives up after its patience.
 *
 * <p>Threading: {@link #accept} may be called by any thread and does not block.
 */
final class ExitGate implements IntConsumer {
  private static final long LOOK_MILLIS = 50;

  private final CompletableFuture<Integer> status = new CompletableFuture<>();
  private ServiceReference<IntConsumer> reference;

  /** Registers the service in the system bundle. */
  void register(BundleContext context) {
    Dictionary<String, ?> properties = FrameworkUtil.asDictionary(Map.of("ioasis.role", "exit"));
    reference = context.registerService(IntConsumer.class, this, properties).getReference();
  }

  @Override
  public void accept(int value) {
    status.complete(value);
  }

  /** Whether a status was given. */
  boolean isDone() {
    return status.isDone();
  }

  /** Runs an action once a status was given, on the thread that gave it. */
  void whenDone(Runnable action) {
    CompletableFuture<Void> unused = status.thenRun(action);
  }

  /**
   * Waits for the status.
   *
   * @param framework ends the waiting when it is no longer active
   * @param patienceMillis how long nobody may hold the service
   * @return the status of the launch
   * @throws LaunchException when nobody takes the command, or the framework stopped without a
   *     status
   */
  int await(Bundle framework, long patienceMillis) throws LaunchException, InterruptedException {
    long idleSince = System.nanoTime();
    while (true) {
      try {
        return status.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        idleSince = look(framework, idleSince, patienceMillis);
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private long look(Bundle framework, long idleSince, long patienceMillis) throws LaunchException {
    if (framework.getState() != Bundle.ACTIVE) {
      throw new LaunchException("the platform was stopped before the command answered");
    }
    long now = System.nanoTime();
    if (reference.getUsingBundles() != null) {
      return now;
    }
    if (TimeUnit.NANOSECONDS.toMillis(now - idleSince) > patienceMillis) {
      throw new LaunchException(
          "no bundle took the command within "
              + patienceMillis
              + " ms; is org.ioasis.shell installed and started?");
    }
    return idleSince;
  }
}
