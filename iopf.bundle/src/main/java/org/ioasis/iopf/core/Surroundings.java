package org.ioasis.iopf.core;

import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * What the router lives on besides its drivers.
 *
 * @param dispatcher lends threads
 * @param watcher keeps records
 * @param settings bounds
 * @param locks makes the lock of a device; tests give one that is watched
 */
public record Surroundings(
    Dispatcher dispatcher, Watcher watcher, Settings settings, Supplier<Lock> locks) {
  /** With plain locks. */
  public Surroundings(Dispatcher dispatcher, Watcher watcher, Settings settings) {
    this(dispatcher, watcher, settings, ReentrantLock::new);
  }
}
