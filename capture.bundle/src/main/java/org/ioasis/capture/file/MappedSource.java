package org.ioasis.capture.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;

/**
 * A file behind windows that are mapped on first touch, so that heap in use does not grow with the
 * file and nothing is read that nobody asks for. A window is 1 GiB: a mapped buffer ends below 2
 * GiB.
 *
 * <p><b>Threading:</b> any thread; two threads may map the same window, one of the two is kept.
 */
public final class MappedSource implements ByteSource {
  private static final int WINDOW_LG2 = 30;
  private static final long WINDOW = 1L << WINDOW_LG2;

  /** More than any file system gives; keeps the table of windows small. */
  private static final long LARGEST = 1L << 52;

  private final String name;
  private final FileChannel channel;
  private final long size;
  private final AtomicReferenceArray<MappedByteBuffer> windows;

  private MappedSource(String name, FileChannel channel, long size) {
    this.name = name;
    this.channel = channel;
    this.size = size;
    this.windows = new AtomicReferenceArray<>((int) ((size + WINDOW - 1) >>> WINDOW_LG2));
  }

  /**
   * Opens a regular file.
   *
   * @throws IoasisException if it is missing, no regular file, empty or absurdly large
   */
  public static MappedSource open(Path file) {
    String name = file.toString();
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw Broken.malformed(name, "", "a regular file is needed, this is none");
    }
    FileChannel channel = null;
    try {
      channel = FileChannel.open(file, StandardOpenOption.READ);
      long size = channel.size();
      if (size == 0 || size > LARGEST) {
        channel.close();
        throw Broken.malformed(
            name, "", size == 0 ? "the file is empty" : "%d bytes are too many".formatted(size));
      }
      return new MappedSource(name, channel, size);
    } catch (IOException e) {
      closeQuietly(channel);
      throw Broken.unreadable(name, "", e);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void read(long offset, ByteBuffer into) {
    long at = offset;
    while (into.hasRemaining()) {
      MappedByteBuffer window = window((int) (at >>> WINDOW_LG2));
      int inWindow = (int) (at & (WINDOW - 1));
      int length = Math.min(into.remaining(), window.limit() - inWindow);
      try {
        into.put(window.slice(inWindow, length));
      } catch (InternalError e) {
        // What the JVM makes of a page fault on a file that was cut after it had been mapped.
        throw new IoasisException(
            Reason.MEMORY_FAULT,
            "%s: 0x%x: the file was cut while it was open".formatted(name, at),
            e);
      }
      at += length;
    }
  }

  private MappedByteBuffer window(int index) {
    MappedByteBuffer window = windows.getAcquire(index);
    if (window != null) {
      return window;
    }
    long start = (long) index << WINDOW_LG2;
    try {
      MappedByteBuffer mapped =
          channel.map(FileChannel.MapMode.READ_ONLY, start, Math.min(WINDOW, size - start));
      return windows.compareAndSet(index, null, mapped) ? mapped : windows.getAcquire(index);
    } catch (IOException e) {
      throw Broken.unreadable(name, "0x%x".formatted(start), e);
    }
  }

  @Override
  public void close() {
    closeQuietly(channel);
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // Nothing was written: there is nothing to lose and nobody to tell.
      assert channel != null;
    }
  }
}
