package org.ioasis.smmuv3;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts with the bundle and says so. The factories are components of their rooms.
 *
 * <p><b>Threading:</b> the framework's.
 */
@Component(
    immediate = true,
    service = {})
public final class SmmuV3Start {
  private static final Logger LOG = LoggerFactory.getLogger(SmmuV3Start.class);

  /** Says that the bundle is there. */
  @Activate
  public SmmuV3Start() {
    LOG.info("smmuv3: started; the hardware factory is a component of its own");
  }

  @Deactivate
  void stop() {
    LOG.info("smmuv3: stopped");
  }
}
