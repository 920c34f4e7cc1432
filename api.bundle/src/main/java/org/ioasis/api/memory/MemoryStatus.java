package org.ioasis.api.memory;

/** What a memory access met. */
public enum MemoryStatus {
  /** Every byte is RAM and good. */
  OK,
  /** At least one byte is outside RAM: the access ends as a bus error. */
  ABSENT,
  /** At least one byte is RAM marked as uncorrectable: the access ends as a data error. */
  POISONED
}
