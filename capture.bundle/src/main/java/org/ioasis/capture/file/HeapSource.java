package org.ioasis.capture.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A gzip file, inflated into memory: such files hold the pages of structures alone and are small. A
 * bound keeps one that is not from filling the heap.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class HeapSource implements ByteSource {
  private static final int CHUNK_LG2 = 20;
  private static final int CHUNK = 1 << CHUNK_LG2;

  private final String name;
  private final List<byte[]> chunks;
  private final long size;

  private HeapSource(String name, List<byte[]> chunks, long size) {
    this.name = name;
    this.chunks = chunks;
    this.size = size;
  }

  /** Half of what the heap may grow to, at most 1 GiB. */
  public static long defaultLimit() {
    return Math.min(1L << 30, Runtime.getRuntime().maxMemory() / 2);
  }

  /**
   * Inflates a file.
   *
   * @param limit most bytes that may come out
   */
  public static HeapSource inflate(Path file, long limit) {
    String name = file.toString();
    List<byte[]> chunks = new ArrayList<>();
    long size = 0;
    try (InputStream in = Inflating.open(file)) {
      while (true) {
        byte[] chunk = in.readNBytes(CHUNK);
        size += chunk.length;
        if (size > limit) {
          throw Broken.malformed(
              name,
              "",
              "inflates to more than %d bytes; inflate it with gzip -d, a plain file is mapped"
                  .formatted(limit));
        }
        if (chunk.length > 0) {
          chunks.add(chunk);
        }
        if (chunk.length < CHUNK) {
          break;
        }
      }
    } catch (IOException e) {
      throw Inflating.refusal(name, "after %d inflated bytes".formatted(size), e);
    }
    if (size == 0) {
      throw Broken.malformed(name, "", "the gzip file holds nothing");
    }
    return new HeapSource(name, chunks, size);
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
      byte[] chunk = chunks.get((int) (at >>> CHUNK_LG2));
      int inChunk = (int) (at & (CHUNK - 1));
      int length = Math.min(into.remaining(), chunk.length - inChunk);
      into.put(chunk, inChunk, length);
      at += length;
    }
  }

  @Override
  public void close() {}
}
