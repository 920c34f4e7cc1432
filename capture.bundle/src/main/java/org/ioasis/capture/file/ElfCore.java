package org.ioasis.capture.file;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The program headers of an ELF core of a machine: 64-bit, little-endian, ET_CORE, one PT_LOAD per
 * run of physical memory at its p_paddr. Notes and sections are not looked at, except that section
 * 0 holds the number of program headers when the header has no room for it (PN_XNUM). System V ABI,
 * "Object Files", "ELF Header" and "Program Header".
 *
 * @param machine e_machine
 * @param segments the PT_LOADs that have memory, in order of address, not overlapping
 */
public record ElfCore(int machine, List<Segment> segments) {
  /** First bytes of the file as a little-endian number: 7Fh "ELF". */
  static final int MAGIC = 0x464C457F;

  /** Physical addresses end here: no architecture we model has more bits. */
  static final int ADDRESS_BITS = 52;

  static final int HEADER_BYTES = 64;
  static final int PROGRAM_HEADER_BYTES = 56;
  static final int SECTION_HEADER_BYTES = 64;
  static final int ET_CORE = 4;
  static final int PT_LOAD = 1;
  static final int PN_XNUM = 0xFFFF;

  /** Runs beyond this are no memory map any more. */
  private static final long MOST_HEADERS = 1L << 22;

  private static final int READ_AT_ONCE = 512;

  /** Whether the bytes begin as an ELF file does. */
  public static boolean isElf(ByteSource source) {
    return source.size() >= Integer.BYTES && source.slice(0, Integer.BYTES).getInt() == MAGIC;
  }

  /** Reads the headers. */
  public static ElfCore read(ByteSource source) {
    if (source.size() < HEADER_BYTES) {
      throw wrong(
          source,
          "header",
          "truncated: the file has %d bytes, an ELF header %d"
              .formatted(source.size(), HEADER_BYTES));
    }
    ByteBuffer header = source.slice(0, HEADER_BYTES);
    checkIdentity(source, header);
    long table = header.getLong(32);
    int entryBytes = Short.toUnsignedInt(header.getShort(54));
    long count = programHeaders(source, header);
    if (count > 0 && entryBytes != PROGRAM_HEADER_BYTES) {
      throw wrong(
          source,
          "header",
          "e_phentsize is %d, a 64-bit program header has %d bytes"
              .formatted(entryBytes, PROGRAM_HEADER_BYTES));
    }
    if (count > MOST_HEADERS || !fits(table, count * PROGRAM_HEADER_BYTES, source.size())) {
      throw wrong(
          source,
          "header",
          "truncated: %d program headers at 0x%x do not lie in the file's %d bytes"
              .formatted(count, table, source.size()));
    }
    return new ElfCore(
        Short.toUnsignedInt(header.getShort(18)), segments(source, table, (int) count));
  }

  private static void checkIdentity(ByteSource source, ByteBuffer header) {
    if (header.getInt(0) != MAGIC) {
      throw wrong(source, "header", "not an ELF file: it does not begin with 7f 45 4c 46");
    }
    if (header.get(4) != 2) {
      throw wrong(
          source,
          "header",
          "EI_CLASS is %d, a 64-bit core (2) is needed; dump the machine as ELF64"
              .formatted(header.get(4)));
    }
    if (header.get(5) != 1) {
      throw wrong(
          source, "header", "EI_DATA is %d, little-endian (1) is needed".formatted(header.get(5)));
    }
    int type = Short.toUnsignedInt(header.getShort(16));
    if (type != ET_CORE) {
      throw wrong(source, "header", "e_type is %d, a core (4) is needed".formatted(type));
    }
  }

  private static long programHeaders(ByteSource source, ByteBuffer header) {
    int count = Short.toUnsignedInt(header.getShort(56));
    if (count != PN_XNUM) {
      return count;
    }
    long sections = header.getLong(40);
    if (sections == 0 || !fits(sections, SECTION_HEADER_BYTES, source.size())) {
      throw wrong(
          source,
          "header",
          "e_phnum is PN_XNUM, but section 0 at 0x%x with the real number is not in the file"
              .formatted(sections));
    }
    return Integer.toUnsignedLong(source.slice(sections, SECTION_HEADER_BYTES).getInt(44));
  }

  private static List<Segment> segments(ByteSource source, long table, int count) {
    List<Segment> segments = new ArrayList<>();
    for (int first = 0; first < count; first += READ_AT_ONCE) {
      int some = Math.min(READ_AT_ONCE, count - first);
      long offset = table + (long) first * PROGRAM_HEADER_BYTES;
      ByteBuffer headers = source.slice(offset, some * PROGRAM_HEADER_BYTES);
      for (int i = 0; i < some; i++) {
        int at = i * PROGRAM_HEADER_BYTES;
        if (headers.getInt(at) == PT_LOAD && headers.getLong(at + 40) != 0) {
          segments.add(segment(source, headers, at, first + i));
        }
      }
    }
    segments.sort(Comparator.comparingLong(Segment::address));
    return Overlaps.removed(source, segments);
  }

  private static Segment segment(ByteSource source, ByteBuffer headers, int at, int index) {
    Segment segment =
        new Segment(
            headers.getLong(at + 24),
            headers.getLong(at + 8),
            headers.getLong(at + 32),
            headers.getLong(at + 40));
    String place = "program header %d".formatted(index);
    if (!fits(segment.address(), segment.memoryBytes(), 1L << ADDRESS_BITS)) {
      throw wrong(
          source,
          place,
          "0x%x bytes at physical address 0x%x leave the %d-bit address space"
              .formatted(segment.memoryBytes(), segment.address(), ADDRESS_BITS));
    }
    if (segment.fileBytes() < 0 || segment.fileBytes() > segment.memoryBytes()) {
      throw wrong(
          source,
          place,
          "p_filesz 0x%x is larger than p_memsz 0x%x"
              .formatted(segment.fileBytes(), segment.memoryBytes()));
    }
    if (!fits(segment.offset(), segment.fileBytes(), source.size())) {
      throw wrong(
          source,
          place,
          "truncated: 0x%x bytes at 0x%x do not lie in the file's 0x%x bytes; dump or copy it again"
              .formatted(segment.fileBytes(), segment.offset(), source.size()));
    }
    return segment;
  }

  /** Whether {@code length} bytes at {@code start} end at or before {@code end}, all unsigned. */
  static boolean fits(long start, long length, long end) {
    return start >= 0 && length >= 0 && length <= end && start <= end - length;
  }

  private static org.ioasis.api.IoasisException wrong(
      ByteSource source, String place, String rule) {
    return Broken.malformed(source.name(), place, rule);
  }
}
