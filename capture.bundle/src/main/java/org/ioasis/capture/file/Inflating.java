package org.ioasis.capture.file;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.ioasis.api.IoasisException;

/** Opens files that may be gzip, which their first two bytes tell, and words what goes wrong. */
final class Inflating {
  private static final int BUFFER = 1 << 16;

  private Inflating() {}

  /** The content of a file, inflated if it is gzip. */
  static InputStream open(Path file) {
    String name = file.toString();
    if (Files.isDirectory(file)) {
      throw Broken.malformed(name, "", "a file is needed, this is a folder");
    }
    try {
      InputStream raw = new BufferedInputStream(stream(file), BUFFER);
      try {
        raw.mark(2);
        boolean gzip = raw.read() == 0x1F && raw.read() == 0x8B;
        raw.reset();
        return gzip ? new GZIPInputStream(raw, BUFFER) : raw;
      } catch (IOException e) {
        raw.close();
        throw e;
      }
    } catch (IOException e) {
      throw refusal(name, "", e);
    }
  }

  /** A pipe has no position, which the streams of channels ask for. */
  private static InputStream stream(Path file) throws IOException {
    boolean pipe = Files.exists(file) && !Files.isRegularFile(file);
    return pipe ? new FileInputStream(file.toFile()) : Files.newInputStream(file);
  }

  /** What a failure to read is, in words. */
  static IoasisException refusal(String name, String place, IOException cause) {
    if (cause instanceof EOFException) {
      return Broken.malformed(name, place, "the gzip file is truncated; copy it again");
    }
    if (cause instanceof ZipException) {
      return Broken.malformed(name, place, "the gzip file is damaged; copy it again");
    }
    return Broken.unreadable(name, place, cause);
  }
}
