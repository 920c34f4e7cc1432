package org.ioasis.api.machine;

import java.util.Objects;

/**
 * What the fabric must know of a device.
 *
 * @param name for people and messages, unique in the machine
 * @param sourceId requester id or StreamID; unique in the machine
 * @param trusted whether translated requests of the device are let through unchecked
 * @param ats whether it holds translations of its own
 * @param pri whether it sends page requests
 * @param stall whether it can wait for a stalled transaction
 * @param pasidBits width of its PASIDs, 0 to 20
 */
public record EndpointSpec(
    String name,
    int sourceId,
    boolean trusted,
    boolean ats,
    boolean pri,
    boolean stall,
    int pasidBits) {
  /** Checks the width. */
  public EndpointSpec {
    Objects.requireNonNull(name, "name");
    if (pasidBits < 0 || pasidBits > 20) {
      throw new IllegalArgumentException(
          "endpoint %s: pasidBits %d is not 0 to 20".formatted(name, pasidBits));
    }
  }

  /** A plain device: no ATS, no page requests, no PASIDs, not trusted. */
  public static EndpointSpec plain(String name, int sourceId) {
    return new EndpointSpec(name, sourceId, false, false, false, false, 0);
  }
}
