package org.ioasis.api.driver;

import java.util.List;
import org.ioasis.api.Blob;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The invalidation side of a nested domain: its tables belong to a user, who says what he changed.
 *
 * <p><b>Threading:</b> any thread, outside bursts; requests of one domain are processed in order.
 */
@ProviderType
public interface NestedDomain {
  /** Types of invalidation records taken here, for example {@code vtd.s1-invalidate}. */
  List<String> types();

  /**
   * Processes records one after another and waits for them, device TLBs included.
   *
   * @param records the records, one behind another; its type is one of {@link #types()}
   * @param recordBytes length of each, as the caller knows it; a longer one whose unknown tail is
   *     not zero is TOO_LARGE
   * @return how many were processed and why it ended there
   * @throws org.ioasis.api.IoasisException UNSUPPORTED for another type; INVALID if the length is
   *     not a multiple of {@code recordBytes}
   */
  BatchResult invalidate(Blob records, int recordBytes);
}
