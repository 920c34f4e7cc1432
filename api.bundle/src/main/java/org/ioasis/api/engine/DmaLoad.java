package org.ioasis.api.engine;

import java.util.function.BooleanSupplier;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A load on one channel of its own.
 *
 * <p><b>Threading:</b> {@link #run} in one thread at a time; {@link #report} and {@link #mark} from
 * any thread.
 */
@ProviderType
public interface DmaLoad {
  /**
   * Moves bytes in the calling thread until the condition holds, asked between accesses.
   *
   * @return the report at the end
   */
  LoadReport run(BooleanSupplier until);

  /** What was moved and met since the last mark. */
  LoadReport report();

  /** Begins a new report; what was written is still verified. */
  void mark();
}
