package org.ioasis.capture.file;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;

/** Opens files of physical memory, by what their first bytes say they are. */
public final class MemoryFiles {
  private static final int GZIP = 0x8B1F;
  private static final int LONGEST_MAGIC = 16;
  private static final String REMEDY =
      "pages in it are compressed and cannot be mapped; convert it to an ELF core"
          + " (makedumpfile -E, or dump-guest-memory without -z, -l and -s)";

  /** Formats that are known and not read, by how they begin. */
  private static final Map<String, String> REFUSED =
      Map.of(
          "KDUMP   ", "a kdump-compressed dump",
          "DISKDUMP", "a kdump-compressed dump of the diskdump kind",
          "makedumpfile", "a kdump-compressed dump in flattened form",
          "PAGEDU64", "a Windows crash dump",
          "PAGEDUMP", "a Windows crash dump");

  private MemoryFiles() {}

  /**
   * Opens an ELF core, plain or gzip.
   *
   * @param limit most bytes a gzip file may inflate to
   */
  public static MemoryImage openElf(Path file, long limit) {
    return image(source(file, limit), false);
  }

  /**
   * Opens an ELF core or else a raw dump: a flat file whose first byte is physical address 0.
   *
   * @param limit most bytes a gzip file may inflate to
   */
  public static MemoryImage openDump(Path file, long limit) {
    return image(source(file, limit), true);
  }

  private static MemoryImage image(ByteSource source, boolean orRaw) {
    try {
      refuseKnown(source);
      if (orRaw && !ElfCore.isElf(source)) {
        Segment whole = new Segment(0, 0, source.size(), source.size());
        return new MemoryImage(source, 0, List.of(whole));
      }
      ElfCore core = ElfCore.read(source);
      if (core.segments().isEmpty()) {
        throw Broken.malformed(
            source.name(), "program headers", "the core holds no memory: it has no PT_LOAD");
      }
      return new MemoryImage(source, core.machine(), core.segments());
    } catch (RuntimeException e) {
      source.close();
      throw e;
    }
  }

  private static ByteSource source(Path file, long limit) {
    MappedSource source = MappedSource.open(file);
    boolean gzip = source.size() >= 2 && Short.toUnsignedInt(source.slice(0, 2).getShort()) == GZIP;
    if (!gzip) {
      return source;
    }
    source.close();
    return HeapSource.inflate(file, limit);
  }

  private static void refuseKnown(ByteSource source) {
    ByteBuffer start = source.slice(0, (int) Math.min(LONGEST_MAGIC, source.size()));
    String magic = StandardCharsets.ISO_8859_1.decode(start).toString();
    REFUSED.forEach(
        (begin, what) -> {
          if (magic.startsWith(begin)) {
            throw new IoasisException(
                Reason.UNSUPPORTED, "%s: this is %s: %s".formatted(source.name(), what, REMEDY));
          }
        });
  }
}
