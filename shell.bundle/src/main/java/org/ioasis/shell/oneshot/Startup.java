package org.ioasis.shell.oneshot;

import java.util.List;

/** The start of the platform, as somebody sees it who waits for its end. */
interface Startup {
  /**
   * Waits until every bundle that the configuration names has been started or has failed to.
   *
   * @return false if that did not happen within {@link #timeoutMillis}
   */
  boolean await() throws InterruptedException;

  /** How long the start may take. */
  long timeoutMillis();

  /** Bundles that should run and do not, by symbolic name. */
  List<String> notRunning();
}
