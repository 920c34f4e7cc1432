package org.ioasis.capture.file;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.GZIPOutputStream;

/**
 * ELF files byte by byte, with literal offsets of the System V ABI, so that nothing is shared with
 * the reader.
 */
final class ElfBuilder {
  final ByteBuffer bytes;
  private int headers;

  /** A header of a 64-bit little-endian x86 core with program headers at 64. */
  ElfBuilder(int size) {
    bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(0, new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1});
    bytes.putShort(16, (short) 4).putShort(18, (short) 62).putInt(20, 1);
    bytes.putLong(32, 64).putShort(52, (short) 64).putShort(54, (short) 56);
  }

  /** Appends a program header. */
  ElfBuilder header(int type, long offset, long address, long fileBytes, long memoryBytes) {
    int at = (int) bytes.getLong(32) + 56 * headers++;
    bytes.putInt(at, type).putInt(at + 4, 6).putLong(at + 8, offset);
    bytes.putLong(at + 16, 0xffff_8880_0000_0000L + address).putLong(at + 24, address);
    bytes.putLong(at + 32, fileBytes).putLong(at + 40, memoryBytes).putLong(at + 48, 4096);
    bytes.putShort(56, (short) headers);
    return this;
  }

  ElfBuilder load(long offset, long address, long bytes) {
    return header(1, offset, address, bytes, bytes);
  }

  Path write(Path file) throws IOException {
    return Files.write(file, bytes.array());
  }

  Path writeGzip(Path file) throws IOException {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(bytes.array());
    }
    return file;
  }

  /** Puts bytes at an offset of a file, leaving a hole before them. */
  static void patch(Path file, long offset, ByteBuffer content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.write(content, offset);
    }
  }
}
