package org.ioasis.api.state;

/**
 * Parts of a state. A capture needs registers and memory; a snapshot the first five, on the same
 * profile; a hand-over between instances of a bundle the services alone.
 */
public enum Section {
  /** The register file, every register verbatim. */
  REGISTERS,
  /** What hardware took from registers and holds: active roots, table sizes. */
  LATCHED,
  /** Physical memory. */
  MEMORY,
  /** What the caches hold. */
  CACHES,
  /** Requests under way: stalled transactions, open page request groups, waiting commands. */
  INFLIGHT,
  /** What services know: address spaces, identities, routes. */
  SERVICES
}
