package org.ioasis.api.domain;

import java.util.List;
import org.ioasis.api.IovaRange;

/**
 * What can be mapped now, over everything that the space is attached to.
 *
 * @param usable addresses outside reserved ranges, in order; what a restriction to allowed ranges
 *     leaves out is still usable for fixed mappings
 * @param alignment bytes to which addresses and lengths are aligned, a power of two
 * @param pageSizes sizes of leaf pages all domains have, bit n set for 2^n bytes; 0 without domains
 * @param mappingsLeft how many more mappings the client may make
 */
public record SpaceLimits(
    List<IovaRange> usable, long alignment, long pageSizes, long mappingsLeft) {
  /** Copies the list. */
  public SpaceLimits {
    usable = List.copyOf(usable);
  }
}
