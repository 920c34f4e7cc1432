package org.ioasis.domain.hwpt;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.ioasis.api.IovaRange;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.domain.space.Space;
import org.ioasis.domain.unit.HostedBatch;
import org.ioasis.domain.unit.HostedDomain;
import org.ioasis.domain.unit.PortGate;
import org.ioasis.domain.unit.UnitHost;

/**
 * What a domain is on one unit.
 *
 * <p><b>Threading:</b> made, ended and joined under the lock of the structure.
 */
public final class Table {
  private static final long PAGE = 4096;

  private final HostedDomain hosted;
  private final Space space;
  private final Mirror mirror;
  private final Map<Long, AddressSpace.Reservation> doorbells = new HashMap<>();
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
      doorbells.keySet().forEach(this::mapDoorbell);
      space.addFollower(mirror);
      follows = true;
      mirror.caughtUp();
    }
  }

  /**
   * Maps a page of the interrupt window one to one, for a unit that translates interrupts like any
   * other write; the space keeps its addresses free as long as the table lives.
   *
   * @throws org.ioasis.api.IoasisException RESERVED if the space maps something there
   */
  public void doorbell(long page) {
    if (mirror != null && !doorbells.containsKey(page)) {
      AddressSpace.Reservation reserved =
          space.reserve(IovaRange.of(page, PAGE), mirror.name() + " (interrupts)");
      boolean mapped = false;
      try {
        mapDoorbell(page);
        doorbells.put(page, reserved);
        mapped = true;
      } finally {
        if (!mapped) {
          reserved.close();
        }
      }
    }
  }

  private void mapDoorbell(long page) {
    HostedBatch batch = hosted.batch();
    batch.begin();
    try {
      batch.map(page, page, PAGE, DmaRequest.WRITE | (hosted.limits().rights() & DmaRequest.READ));
      batch.sync();
    } finally {
      batch.end();
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
    doorbells.values().forEach(AddressSpace.Reservation::close);
    doorbells.clear();
  }
}
