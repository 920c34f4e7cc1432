package org.ioasis.allocator;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts with the bundle and says what it offers: nothing yet. No {@code IoasidService} is
 * registered before there is an allocator that can keep its contract.
 *
 * <p><b>Threading:</b> the framework's.
 */
@Component(
    immediate = true,
    service = {})
public final class AllocatorStart {
  private static final Logger LOG = LoggerFactory.getLogger(AllocatorStart.class);

  /** Says what the bundle does and does not do now. */
  @Activate
  public AllocatorStart() {
    LOG.info("allocator: started; it registers no service yet, so no IOASID can be allocated");
  }

  @Deactivate
  void stop() {
    LOG.info("allocator: stopped");
  }
}
