package org.ioasis.allocator.core;

import java.util.concurrent.Executor;
import org.ioasis.api.machine.TimeSource;

/**
 * What the allocator is given.
 *
 * @param time for time-outs
 * @param executor runs listeners of the second phase; a stalled listener keeps one thread
 * @param bell rung when the second phase has work; must not block, lock or wait
 * @param watcher keeps records
 * @param acknowledgeNanos longest wait for acknowledgements of one order class
 * @param slowNanos longest first-phase call of a listener that keeps its promise
 * @param queueLimit events that a listener's queue holds before it is overrun, rounded up to a
 *     power of two
 * @param recordStacks whether leases remember where they were taken
 */
public record Surroundings(
    TimeSource time,
    Executor executor,
    Runnable bell,
    Watcher watcher,
    long acknowledgeNanos,
    long slowNanos,
    int queueLimit,
    boolean recordStacks) {}
