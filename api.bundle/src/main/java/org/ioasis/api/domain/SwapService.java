package org.ioasis.api.domain;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The exchange of units under load.
 *
 * <p><b>Threading:</b> any thread, outside bursts; one swap at a time.
 */
@ProviderType
public interface SwapService {
  /** Admission alone: what a swap would meet. Touches nothing. */
  SwapReport dryRun(SwapRequest request);

  /**
   * Exchanges.
   *
   * @throws org.ioasis.api.IoasisException NOT_FOUND for an unknown unit; BUSY during another swap.
   *     Objections are no exception: they are in the report
   */
  SwapReport swap(SwapRequest request);

  /** Devices that are blocked because what served them is gone, by name. */
  List<String> quarantined();
}
