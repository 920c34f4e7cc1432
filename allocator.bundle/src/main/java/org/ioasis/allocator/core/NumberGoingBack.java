package org.ioasis.allocator.core;

/**
 * A number on its way back to the custom allocator that chose it; its own place in the queue, so
 * that queueing it allocates nothing.
 *
 * <p><b>Threading:</b> under the allocator's lock.
 */
abstract class NumberGoingBack extends Link {
  int backId;
  int backChooser;
  NumberGoingBack behind;
}
