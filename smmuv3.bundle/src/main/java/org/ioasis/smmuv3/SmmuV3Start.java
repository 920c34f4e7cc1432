package org.ioasis.smmuv3;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts with the bundle and says what it offers: the formats of the tables' entries, and no unit.
 * Neither a hardware factory nor a driver factory is registered before there is a model behind it.
 *
 * <p><b>Threading:</b> the framework's.
 */
@Component(
    immediate = true,
    service = {})
public final class SmmuV3Start {
  private static final Logger LOG = LoggerFactory.getLogger(SmmuV3Start.class);

  /** Says what the bundle does and does not do now. */
  @Activate
  public SmmuV3Start() {
    LOG.info("smmuv3: started; formats of STE and CD only, no hardware and no driver factory yet");
  }

  @Deactivate
  void stop() {
    LOG.info("smmuv3: stopped");
  }
}
