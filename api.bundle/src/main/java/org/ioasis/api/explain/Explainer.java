package org.ioasis.api.explain;

import org.ioasis.api.machine.DmaRequest;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Explains one request from what lies in registers and memory, with the slow, readable reference
 * walk, and beside it from what the caches hold. No side effects.
 *
 * <p><b>Threading:</b> any thread.
 */
@FunctionalInterface
@ProviderType
public interface Explainer {
  /** Explains the request; never throws for what the structures hold. */
  Explanation explain(DmaRequest request);
}
