package org.ioasis.api.driver;

import java.util.List;
import org.ioasis.api.IovaRange;

/**
 * What mappings of one domain can be.
 *
 * @param windows addresses that can be mapped, in order, not overlapping; two for formats with an
 *     upper and a lower half
 * @param pageSizes sizes of leaf pages, bit n set for 2^n bytes; the lowest is the granule
 * @param outputBits widest physical address
 * @param rights READ, WRITE, EXECUTE and PRIVILEGED_ONLY bits of {@link
 *     org.ioasis.api.machine.DmaRequest} that the format can tell apart
 */
public record DomainLimits(List<IovaRange> windows, long pageSizes, int outputBits, int rights) {
  /** Copies the list; there is at least one page size. */
  public DomainLimits {
    windows = List.copyOf(windows);
    if (pageSizes == 0) {
      throw new IllegalArgumentException("domain limits: no page size");
    }
  }

  /** log2 of the smallest page. */
  public int granuleLg2() {
    return Long.numberOfTrailingZeros(pageSizes);
  }
}
