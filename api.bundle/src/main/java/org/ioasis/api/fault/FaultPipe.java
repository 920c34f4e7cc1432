package org.ioasis.api.fault;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.concurrent.atomic.AtomicBoolean;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;

/**
 * A wake-up signal that a selector can wait for, for users who already wait for sockets: {@code
 * queue.onReadable(pipe)}, and {@link #source} registered with the selector. It holds at most one
 * byte; {@link #clear} takes it out, then the queue is read until it gives nothing.
 *
 * <p><b>Threading:</b> any thread.
 */
public final class FaultPipe implements Runnable, AutoCloseable {
  private final Pipe pipe;
  private final AtomicBoolean raised = new AtomicBoolean();

  /**
   * Opens the pipe.
   *
   * @throws org.ioasis.api.IoasisException EXHAUSTED if the system has none left
   */
  public FaultPipe() {
    try {
      pipe = Pipe.open();
      pipe.sink().configureBlocking(false);
      pipe.source().configureBlocking(false);
    } catch (IOException e) {
      throw new IoasisException(Reason.EXHAUSTED, "pipe refused: " + e.getMessage(), e);
    }
  }

  /** The end to wait at; readable while the signal is raised. */
  public Pipe.SourceChannel source() {
    return pipe.source();
  }

  /** Raises the signal; never blocks. */
  @Override
  public void run() {
    if (raised.compareAndSet(false, true)) {
      try {
        pipe.sink().write(ByteBuffer.allocate(1));
      } catch (IOException e) {
        throw new IoasisException(Reason.GONE, "signal refused: the pipe is closed", e);
      }
    }
  }

  /** Lowers it; to be called before the queue is read, so that nothing is missed. */
  public void clear() {
    try {
      if (pipe.source().read(ByteBuffer.allocate(1)) > 0) {
        raised.set(false);
      }
    } catch (IOException e) {
      throw new IoasisException(Reason.GONE, "signal refused: the pipe is closed", e);
    }
  }

  @Override
  public void close() {
    try {
      pipe.sink().close();
      pipe.source().close();
    } catch (IOException e) {
      throw new IoasisException(Reason.GONE, "pipe not closed: " + e.getMessage(), e);
    }
  }
}
