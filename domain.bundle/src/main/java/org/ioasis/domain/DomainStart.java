package org.ioasis.domain;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts with the bundle and says what it offers: nothing yet. No service for address spaces,
 * domains or devices is registered before there is one that can keep its contract.
 *
 * <p><b>Threading:</b> the framework's.
 */
@Component(
    immediate = true,
    service = {})
public final class DomainStart {
  private static final Logger LOG = LoggerFactory.getLogger(DomainStart.class);

  /** Says what the bundle does and does not do now. */
  @Activate
  public DomainStart() {
    LOG.info("domain: started; it registers no service yet, so it attaches no device");
  }

  @Deactivate
  void stop() {
    LOG.info("domain: stopped");
  }
}
