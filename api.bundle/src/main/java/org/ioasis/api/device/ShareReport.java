package org.ioasis.api.device;

import java.util.List;
import java.util.Objects;
import org.ioasis.api.Handle;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.Mapping;

/**
 * What a share did, or would do.
 *
 * @param performed whether it was done
 * @param into the space that is shared
 * @param lost mappings that the moving device no longer has
 * @param merged mappings that were copied
 * @param refusal why it would be refused, in a dry run; empty otherwise
 * @param attachment the moving device's attachment now; null in a dry run
 */
public record ShareReport(
    boolean performed,
    Handle<AddressSpace> into,
    List<Mapping> lost,
    List<Mapping> merged,
    String refusal,
    Attachment attachment) {
  /** Copies the lists. */
  public ShareReport {
    Objects.requireNonNull(into, "into");
    lost = List.copyOf(lost);
    merged = List.copyOf(merged);
  }
}
