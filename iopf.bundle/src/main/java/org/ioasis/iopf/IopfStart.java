package org.ioasis.iopf;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts with the bundle and says what it offers: nothing yet. No {@code FaultService} is
 * registered before there is a router that can keep its contract.
 *
 * <p><b>Threading:</b> the framework's.
 */
@Component(
    immediate = true,
    service = {})
public final class IopfStart {
  private static final Logger LOG = LoggerFactory.getLogger(IopfStart.class);

  /** Says what the bundle does and does not do now. */
  @Activate
  public IopfStart() {
    LOG.info("iopf: started; it registers no service yet, so it routes no fault");
  }

  @Deactivate
  void stop() {
    LOG.info("iopf: stopped");
  }
}
