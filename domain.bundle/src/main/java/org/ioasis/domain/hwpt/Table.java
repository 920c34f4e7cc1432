package org.ioasis.domain.hwpt;

import java.util.Optional;
import org.ioasis.domain.space.Space;
import org.ioasis.domain.unit.HostedDomain;
import org.ioasis.domain.unit.PortGate;
import org.ioasis.domain.unit.UnitHost;

/**
 * What a domain is on one unit.
 *
 * <p><b>Threading:</b> made, ended and joined under the lock of the structure.
 */
public final class Table {
  private final HostedDomain hosted;
  private final Space space;
  private final Mirror mirror;
  private boolean follows;

  /**
   * @param space the space that {@code mirror} follows; null if it follows none
   * @param mirror null unless paging
   */
  Table(HostedDomain hosted, Space space, Mirror mirror) {
    this.hosted = hosted;
    this.space = space;
    this.mirror = mirror;
    this.follows = mirror != null;
  }

  /** The driver's side. */
  public HostedDomain hosted() {
    return hosted;
  }

  /** The unit. */
  public UnitHost host() {
    return hosted.host();
  }

  /** The follower, if it follows a space. */
  public Optional<Mirror> mirror() {
    return Optional.ofNullable(mirror);
  }

  /** Whether the unit still has it. */
  public boolean isAlive() {
    return hosted.isAlive();
  }

  /** A device's entry leads here. */
  public void join(PortGate gate) {
    if (mirror != null) {
      mirror.join(gate);
    }
  }

  /** No entry of the device leads here any more. */
  public void leave(PortGate gate) {
    if (mirror != null) {
      mirror.leave(gate);
    }
  }

  /** Fills a mirror anew that has fallen behind; its devices pass afterwards. */
  void catchUp() {
    if (mirror != null && mirror.isBehind()) {
      unfollow();
      mirror.clear();
      space.addFollower(mirror);
      follows = true;
      mirror.caughtUp();
    }
  }

  private void unfollow() {
    if (follows) {
      follows = false;
      space.removeFollower(mirror);
    }
  }

  /** Follows no more, and gives its frames back if its unit still has it. */
  public void end() {
    unfollow();
    hosted.close();
  }
}
