package org.ioasis.api.device;

import java.util.Objects;
import org.ioasis.api.Handle;

/**
 * A share, with every part named: {@code ShareRequest.move(nic).into(disk, SharePolicy.DISCARD)}.
 *
 * @param target the device that moves; it leaves what it is attached to
 * @param into the device whose space is shared from then on; nothing changes for it
 * @param policy what becomes of the target's own mappings; there is no default
 */
public record ShareRequest(Handle<Device> target, Handle<Device> into, SharePolicy policy) {
  /** Nothing is left out. */
  public ShareRequest {
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(into, "into");
    Objects.requireNonNull(policy, "policy");
  }

  /** Begins a request with the device that moves. */
  public static Move move(Handle<Device> target) {
    return new Move(target);
  }

  /**
   * Half a request.
   *
   * @param target the device that moves
   */
  public record Move(Handle<Device> target) {
    /** Completes it. */
    public ShareRequest into(Handle<Device> device, SharePolicy policy) {
      return new ShareRequest(target, device, policy);
    }
  }
}
