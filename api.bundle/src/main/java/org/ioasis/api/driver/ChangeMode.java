package org.ioasis.api.driver;

/** How a live entry may be changed. */
public enum ChangeMode {
  /** Without a window, or not at all: every request meets the old entry or the new one. */
  HITLESS,
  /** Without a window if the format allows it; otherwise requests are refused in between. */
  WINDOW_ALLOWED
}
