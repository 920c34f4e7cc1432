package org.ioasis.api.engine;

import java.util.Map;

/**
 * What a load moved and met.
 *
 * @param accesses that ended OK
 * @param bytes moved, both ways
 * @param wrongBytes that were read and were not what this load had written
 * @param refused accesses that ended otherwise, by {@link TransferStatus}
 * @param elapsedNanos time of the machine
 * @param longestGapNanos longest time between two accesses that ended OK, one after the other
 */
public record LoadReport(
    long accesses,
    long bytes,
    long wrongBytes,
    Map<TransferStatus, Long> refused,
    long elapsedNanos,
    long longestGapNanos) {
  /** Copies the map. */
  public LoadReport {
    refused = Map.copyOf(refused);
  }

  /** Accesses that ended OK, per second of the machine&#39;s time; 0 if none has passed. */
  public double accessesPerSecond() {
    return elapsedNanos == 0 ? 0 : accesses * 1e9 / elapsedNanos;
  }
}
