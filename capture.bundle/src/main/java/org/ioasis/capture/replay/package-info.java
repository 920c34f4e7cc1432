/**
 * Restores a machine from what a file holds, asks it, and compares. {@link
 * org.ioasis.capture.replay.Replica} is the restored machine, {@link
 * org.ioasis.capture.replay.CaptureCheck} and {@link org.ioasis.capture.replay.CommandCheck} check
 * a capture against it, {@link org.ioasis.capture.replay.VectorRunner} runs vectors, {@link
 * org.ioasis.capture.replay.Score} counts.
 */
package org.ioasis.capture.replay;
