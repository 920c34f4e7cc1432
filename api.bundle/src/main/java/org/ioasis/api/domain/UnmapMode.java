package org.ioasis.api.domain;

/** What happens to a mapping that a removed range covers in part. */
public enum UnmapMode {
  /** Refused: ranges cover mappings whole or not at all. */
  WHOLE,
  /** Split: the rest stays mapped. */
  SPLIT
}
