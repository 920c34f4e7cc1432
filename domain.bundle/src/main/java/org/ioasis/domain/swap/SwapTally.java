package org.ioasis.domain.swap;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.domain.SwapObjection;
import org.ioasis.api.domain.SwapReport;
import org.ioasis.api.domain.SwapRequest;
import org.ioasis.domain.device.Mover;

/**
 * What a swap did so far.
 *
 * <p><b>Threading:</b> one thread.
 */
final class SwapTally {
  private final SwapRequest request;
  private final long framesBefore;
  private final List<SwapObjection> objections = new ArrayList<>();
  private final List<SwapReport.DeviceSwap> devices = new ArrayList<>();
  private final List<String> lost = new ArrayList<>();
  private long mappings;
  private long blocked;
  private long carried;
  private long closed;
  private long stalls;
  private long replayed;

  SwapTally(SwapRequest request, long framesBefore) {
    this.request = request;
    this.framesBefore = framesBefore;
  }

  void mappings(long count) {
    mappings = count;
  }

  void object(List<SwapObjection> more) {
    objections.addAll(more);
  }

  void lost(String domain) {
    lost.add(domain);
  }

  void closed(long groups) {
    closed += groups;
  }

  void wouldMove(String device) {
    devices.add(new SwapReport.DeviceSwap(device, 0, false));
  }

  void add(Mover.Moved moved) {
    devices.add(
        new SwapReport.DeviceSwap(moved.device(), moved.blackoutNanos(), moved.quarantined()));
    blocked += moved.blocked();
    carried += moved.carried();
    stalls += moved.stalls();
    replayed += moved.replayed();
  }

  /** A device went and came back; its port was closed twice. */
  void back(Mover.Moved moved) {
    devices.removeIf(device -> device.device().equals(moved.device()));
    blocked += moved.blocked();
    stalls += moved.stalls();
  }

  SwapReport report(boolean performed, long framesAfter) {
    return new SwapReport(
        request,
        performed,
        objections,
        mappings,
        devices,
        blocked,
        carried,
        closed,
        stalls,
        replayed,
        lost,
        framesBefore,
        framesAfter);
  }
}
