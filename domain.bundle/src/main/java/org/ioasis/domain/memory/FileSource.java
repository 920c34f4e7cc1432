package org.ioasis.domain.memory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.MemorySpec;
import org.ioasis.api.memory.MemoryStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A part of a file, read page by page when it is needed. What was written reaches the file when the
 * last mapping goes, when the memory is taken back, and at the end.
 *
 * <p><b>Threading:</b> as {@link Source}.
 */
final class FileSource extends PagedSource {
  private static final Logger LOG = LoggerFactory.getLogger(FileSource.class);

  private final MemorySpec.File file;

  FileSource(Identity identity, MemorySpec.File spec) {
    super(identity, true);
    file = spec;
  }

  /**
   * Checks that a file can be a source.
   *
   * @throws IoasisException NOT_FOUND without the file; INVALID for a length of 0, beyond its end,
   *     or a start inside a page; DENIED if it cannot be read, or written if that is asked
   */
  static void check(MemorySpec.File spec) {
    Path path = spec.path();
    if (!Files.isRegularFile(path)) {
      throw new IoasisException(
          Reason.NOT_FOUND, "source refused: there is no file %s".formatted(path));
    }
    if (!Files.isReadable(path) || (spec.writable() && !Files.isWritable(path))) {
      throw new IoasisException(
          Reason.DENIED, "source refused: file %s cannot be read or written".formatted(path));
    }
    long size;
    try {
      size = Files.size(path);
    } catch (IOException e) {
      throw new IoasisException(Reason.MEMORY_FAULT, "source refused: file " + path, e);
    }
    if (spec.length() <= 0
        || spec.start() < 0
        || (spec.start() & FrameStore.PAGE - 1) != 0
        || spec.start() > size - spec.length()) {
      throw new IoasisException(
          Reason.INVALID,
          "source refused: 0x%x + 0x%x is empty, not page aligned or beyond the end 0x%x of %s"
              .formatted(spec.start(), spec.length(), size, path));
    }
  }

  @Override
  public boolean writable() {
    return file.writable();
  }

  @Override
  void load(long page, long frame) {
    long offset = page << FrameStore.PAGE_LG2;
    int bytes = (int) Math.min(FrameStore.PAGE, length() - offset);
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    try (FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.READ)) {
      while (buffer.hasRemaining()
          && channel.read(buffer, file.start() + offset + buffer.position()) >= 0) {
        // reads on until the page is full or the file ends
      }
    } catch (IOException e) {
      throw new IoasisException(
          Reason.MEMORY_FAULT,
          "%s refused: page 0x%x of %s cannot be read".formatted(title(), offset, file.path()),
          e);
    }
    MemoryStatus status = frames().memory().write(frame, buffer.flip());
    if (status != MemoryStatus.OK) {
      throw new IoasisException(
          Reason.MEMORY_FAULT, "%s refused: frame 0x%x is %s".formatted(title(), frame, status));
    }
  }

  @Override
  void rest() {
    if (!file.writable()) {
      return;
    }
    try (FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.WRITE)) {
      forEachPage((page, frame) -> writeBack(channel, page, frame));
    } catch (IOException e) {
      LOG.warn("{}: cannot be written back to {}", title(), file.path(), e);
    }
  }

  private void writeBack(FileChannel channel, long page, long frame) {
    long offset = page << FrameStore.PAGE_LG2;
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(FrameStore.PAGE, length() - offset));
    if (frames().memory().read(frame, buffer) != MemoryStatus.OK) {
      LOG.warn("{}: page 0x{} is damaged and not written back", title(), Long.toHexString(offset));
      return;
    }
    buffer.rewind();
    try {
      while (buffer.hasRemaining()) {
        channel.write(buffer, file.start() + offset + buffer.position());
      }
    } catch (IOException e) {
      LOG.warn("{}: page 0x{} not written back", title(), Long.toHexString(offset), e);
    }
  }

  @Override
  void giveUp() {
    rest();
    super.giveUp();
  }
}
