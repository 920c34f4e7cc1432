package org.ioasis.api.domain;

import java.util.List;
import java.util.Objects;

/**
 * What a swap did, or in a dry run would meet.
 *
 * @param request what was asked for
 * @param performed whether anything was exchanged
 * @param objections what stood against it; not performed unless empty or overruled by policy
 * @param mappings mappings carried over
 * @param devices what each device saw
 * @param dmaBlocked requests refused at ports meanwhile
 * @param faultsCarried groups answered through the new driver
 * @param faultsClosed groups answered INVALID
 * @param stallsMoved held transactions told to ask again
 * @param interruptsReplayed interrupts raised again
 * @param formatsLost domains quarantined for their format
 * @param framesBefore frames that domains and drivers held before
 * @param framesAfter frames that they hold now
 */
public record SwapReport(
    SwapRequest request,
    boolean performed,
    List<SwapObjection> objections,
    long mappings,
    List<DeviceSwap> devices,
    long dmaBlocked,
    long faultsCarried,
    long faultsClosed,
    long stallsMoved,
    long interruptsReplayed,
    List<String> formatsLost,
    long framesBefore,
    long framesAfter) {
  /** Copies the lists. */
  public SwapReport {
    Objects.requireNonNull(request, "request");
    objections = List.copyOf(objections);
    devices = List.copyOf(devices);
    formatsLost = List.copyOf(formatsLost);
  }

  /**
   * What one device saw.
   *
   * @param device its name
   * @param blackoutNanos how long its port was closed
   * @param quarantined whether it is blocked until somebody attaches it anew
   */
  public record DeviceSwap(String device, long blackoutNanos, boolean quarantined) {}
}
