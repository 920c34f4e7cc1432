package org.ioasis.capture.file;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.inspect.Inspector;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.api.state.RegisterValue;

/**
 * Writes a capture folder: {@code registers.json}, {@code memory.elf.gz} with the pages that the
 * registers lead to, {@code mappings.jsonl.gz}.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class CaptureWriter {
  private static final int PAGE = 4096;

  /** 16 GiB of structures: more is no capture. */
  private static final int MOST_PAGES = 1 << 22;

  private final Path folder;

  /**
   * @param folder made if it is not there; must be empty
   */
  public CaptureWriter(Path folder) {
    this.folder = folder;
  }

  /** Makes the folder; refuses one that holds anything. */
  public void prepare() {
    try {
      Files.createDirectories(folder);
      try (Stream<Path> entries = Files.list(folder)) {
        if (entries.findAny().isPresent()) {
          throw new IoasisException(
              Reason.EXISTS, "%s: the folder is not empty; name a new one".formatted(folder));
        }
      }
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  /** Writes {@code registers.json}. */
  public void registers(CaptureRegisters registers) {
    ObjectNode root = Json.object();
    root.put("kind", registers.kind());
    root.put("mmio_base", Json.Hex.PREFIXED.format(registers.mmioBase()));
    ArrayNode ram = root.putArray("ram_segments");
    for (Range range : registers.ram()) {
      ram.addArray()
          .add(Json.Hex.PREFIXED.format(range.base()))
          .add(Json.Hex.PREFIXED.format(range.last() - range.base() + 1));
    }
    ArrayNode list = root.putArray("registers");
    for (RegisterValue register : registers.registers()) {
      list.addObject()
          .put("name", register.name())
          .put("offset", Json.Hex.PREFIXED.format(register.offset()))
          .put("size", register.bytes())
          .put("value", Json.Hex.PREFIXED.format(register.value()));
    }
    try {
      Files.writeString(folder.resolve(CaptureRegisters.FILE), root.toPrettyString() + "\n");
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  /**
   * Writes {@code memory.elf.gz}.
   *
   * @param inspector knows the pages
   * @param memory has them
   * @param machine e_machine, 0 if it is not known
   * @return number of pages
   */
  public int memory(Inspector inspector, PhysicalMemory memory, int machine) {
    SortedSet<Long> pages = new TreeSet<>();
    inspector.reachablePages(
        (address, what) -> {
          if (memory.status(address, PAGE) == MemoryStatus.OK) {
            pages.add(address);
          }
          return pages.size() < MOST_PAGES;
        });
    List<Segment> runs = runs(pages);
    try (OutputStream out = gzip("memory.elf.gz")) {
      out.write(headers(runs, machine).array());
      ByteBuffer page = ByteBuffer.allocate(PAGE);
      for (long address : pages) {
        memory.read(address, page.clear());
        out.write(page.array());
      }
    } catch (IOException e) {
      throw unwritable(e);
    }
    return pages.size();
  }

  /** Pages that follow each other, as one segment; file offsets are counted from the first page. */
  private static List<Segment> runs(SortedSet<Long> pages) {
    List<Segment> runs = new ArrayList<>();
    long offset = 0;
    for (long address : pages) {
      Segment before = runs.isEmpty() ? null : runs.get(runs.size() - 1);
      if (before != null && before.last() + 1 == address) {
        long bytes = before.memoryBytes() + PAGE;
        runs.set(runs.size() - 1, new Segment(before.address(), before.offset(), bytes, bytes));
      } else {
        runs.add(new Segment(address, offset, PAGE, PAGE));
      }
      offset += PAGE;
    }
    return runs;
  }

  /** ELF header, section 0 if the number of runs needs it, program headers, padding to a page. */
  private static ByteBuffer headers(List<Segment> runs, int machine) {
    boolean many = runs.size() >= ElfCore.PN_XNUM;
    int sections = many ? ElfCore.SECTION_HEADER_BYTES : 0;
    int programs = ElfCore.HEADER_BYTES + sections;
    int used = programs + runs.size() * ElfCore.PROGRAM_HEADER_BYTES;
    int start = (used + PAGE - 1) / PAGE * PAGE;
    ByteBuffer bytes = ByteBuffer.allocate(start).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(ElfCore.MAGIC).put((byte) 2).put((byte) 1).put((byte) 1);
    bytes.position(16);
    bytes.putShort((short) ElfCore.ET_CORE).putShort((short) machine).putInt(1);
    bytes.putLong(0).putLong(programs).putLong(many ? ElfCore.HEADER_BYTES : 0).putInt(0);
    bytes.putShort((short) ElfCore.HEADER_BYTES).putShort((short) ElfCore.PROGRAM_HEADER_BYTES);
    bytes.putShort((short) (many ? ElfCore.PN_XNUM : runs.size()));
    bytes.putShort((short) sections).putShort((short) (many ? 1 : 0)).putShort((short) 0);
    if (many) {
      bytes.putInt(ElfCore.HEADER_BYTES + 44, runs.size());
    }
    bytes.position(programs);
    for (Segment run : runs) {
      bytes.putInt(ElfCore.PT_LOAD).putInt(6).putLong(start + run.offset());
      bytes.putLong(run.address()).putLong(run.address());
      bytes.putLong(run.fileBytes()).putLong(run.memoryBytes()).putLong(PAGE);
    }
    return bytes;
  }

  /**
   * Writes {@code mappings.jsonl.gz}.
   *
   * @param limit most rows; tables that share tables can name more mappings than anybody can read
   * @return number of rows
   */
  public long mappings(Inspector inspector, long limit) {
    long[] rows = new long[1];
    try (OutputStream out = gzip("mappings.jsonl.gz")) {
      inspector.mappings(
          Inspector.ALL_SOURCES,
          row -> {
            String line = Json.line(Json.object(row, Json.Hex.PREFIXED)) + "\n";
            try {
              out.write(line.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
            return ++rows[0] < limit;
          });
    } catch (UncheckedIOException e) {
      throw unwritable(e.getCause());
    } catch (IOException e) {
      throw unwritable(e);
    }
    return rows[0];
  }

  private OutputStream gzip(String name) throws IOException {
    return new BufferedOutputStream(
        new GZIPOutputStream(Files.newOutputStream(folder.resolve(name)), 1 << 16), 1 << 16);
  }

  private IoasisException unwritable(IOException e) {
    return new IoasisException(Reason.DENIED, "%s: cannot be written: %s".formatted(folder, e), e);
  }
}
