package org.ioasis.capture.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.memory.MemoryRegion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryFilesTest {
  private static final long LIMIT = 1 << 20;
  private static final int PAGE = 4096;

  @TempDir Path folder;

  private static long word(MemoryImage image, long address) {
    ByteBuffer into = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    image.fill(address, into);
    return into.getLong(0);
  }

  private AbstractThrowableAssert<?, ?> refused(Path file, Reason reason) {
    return assertThatThrownBy(() -> MemoryFiles.openElf(file, LIMIT).close())
        .isInstanceOfSatisfying(
            IoasisException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(reason);
              assertThat(e.getMessage()).startsWith(file.toString() + ": ").doesNotContain("\n");
            });
  }

  private Path file() {
    return folder.resolve("memory.elf");
  }

  @Test
  void segmentsLieWhereTheirPhysicalAddressesSay() throws IOException {
    ElfBuilder elf = new ElfBuilder(3 * PAGE);
    elf.header(4, 0, 0, 8, 8).load(2 * PAGE, 0x1_0000_0000L, PAGE).load(PAGE, 0x5000, PAGE);
    elf.bytes.putLong(PAGE, 0x1111).putLong(2 * PAGE + 0xff8, 0x2222);
    try (MemoryImage image = MemoryFiles.openElf(elf.write(file()), LIMIT)) {
      assertThat(image.machine()).isEqualTo(62);
      assertThat(image.segments())
          .containsExactly(
              new Segment(0x5000, PAGE, PAGE, PAGE),
              new Segment(0x1_0000_0000L, 2 * PAGE, PAGE, PAGE));
      assertThat(word(image, 0x5000)).isEqualTo(0x1111);
      assertThat(word(image, 0x1_0000_0ff8L)).isEqualTo(0x2222);
      assertThat(word(image, 0x4000)).isZero();
    }
  }

  @Test
  void aGzipCoreIsInflated() throws IOException {
    ElfBuilder elf = new ElfBuilder(2 * PAGE).load(PAGE, 0x7000, PAGE);
    elf.bytes.putLong(PAGE + 16, 0xdead_beef_0123L);
    try (MemoryImage image = MemoryFiles.openElf(elf.writeGzip(file()), LIMIT)) {
      assertThat(word(image, 0x7010)).isEqualTo(0xdead_beef_0123L);
    }
  }

  @Test
  void aFillMayCoverSegmentsAndHoles() throws IOException {
    ElfBuilder elf = new ElfBuilder(3 * PAGE);
    elf.load(PAGE, 0x2000, PAGE).load(2 * PAGE, 0x4000, PAGE);
    elf.bytes.putLong(PAGE, 0xa1).putLong(2 * PAGE, 0xa2);
    try (MemoryImage image = MemoryFiles.openElf(elf.write(file()), LIMIT)) {
      ByteBuffer into = ByteBuffer.allocate(4 * PAGE).order(ByteOrder.LITTLE_ENDIAN);
      image.fill(0x1000, into);
      assertThat(into.getLong(PAGE)).isEqualTo(0xa1);
      assertThat(into.getLong(3 * PAGE)).isEqualTo(0xa2);
      assertThat(into.getLong(0)).isZero();
      assertThat(into.getLong(2 * PAGE)).isZero();
    }
  }

  @Test
  void memoryBeyondTheFilePartReadsZero() throws IOException {
    ElfBuilder elf = new ElfBuilder(2 * PAGE).header(1, PAGE, 0x8000, 16, 2 * PAGE);
    elf.bytes.putLong(PAGE + 8, 0x77).putLong(PAGE + 16, 0x88);
    try (MemoryImage image = MemoryFiles.openElf(elf.write(file()), LIMIT)) {
      assertThat(word(image, 0x8008)).isEqualTo(0x77);
      assertThat(word(image, 0x8010)).isZero();
      assertThat(image.regions(List.of()))
          .extracting(MemoryRegion::base, MemoryRegion::last)
          .containsExactly(org.assertj.core.groups.Tuple.tuple(0x8000L, 0x9fffL));
    }
  }

  @Test
  void ramFollowsTheSegmentsUnlessItIsGiven() throws IOException {
    ElfBuilder elf = new ElfBuilder(4 * PAGE);
    elf.load(PAGE, 0x1000, PAGE).load(2 * PAGE, 0x2000, 100).load(3 * PAGE, 0x9800, 0x10);
    try (MemoryImage image = MemoryFiles.openElf(elf.write(file()), LIMIT)) {
      assertThat(image.regions(List.of()))
          .extracting(MemoryRegion::base, MemoryRegion::last)
          .containsExactly(
              org.assertj.core.groups.Tuple.tuple(0x1000L, 0x2fffL),
              org.assertj.core.groups.Tuple.tuple(0x9000L, 0x9fffL));
      List<Range> ram = List.of(new Range(0, 0x1fff));
      assertThat(image.regions(ram))
          .extracting(MemoryRegion::base, MemoryRegion::last)
          .containsExactly(org.assertj.core.groups.Tuple.tuple(0L, 0x1fffL));
      assertThat(image.outside(ram)).isEqualTo(100 + 0x10);
    }
  }

  @Test
  void theNumberOfHeadersMayStandInSectionZero() throws IOException {
    int count = 0x10001;
    int table = 128;
    int data = 4 << 20;
    ElfBuilder elf = new ElfBuilder(data + 8);
    elf.bytes.putLong(32, table).putLong(40, 64).putShort(58, (short) 64).putShort(60, (short) 1);
    elf.bytes.putInt(64 + 44, count);
    for (int i = 0; i < count; i++) {
      elf.load(data, 0x1000L * i, 8);
    }
    elf.bytes.putShort(56, (short) 0xffff).putLong(data, 0x5a5a);
    try (MemoryImage image = MemoryFiles.openElf(elf.write(file()), LIMIT)) {
      assertThat(image.segments()).hasSize(65537);
      assertThat(word(image, 0x1000L * 65536)).isEqualTo(0x5a5a);
    }
    elf.bytes.putLong(40, 1L << 40);
    elf.write(file());
    refused(file(), Reason.MALFORMED).hasMessageContaining("PN_XNUM");
  }

  @Test
  @Timeout(20)
  void aCoreOfMoreThanFourGigabytesOpensAtOnceAndCostsNoHeap() throws IOException {
    long size = 6L << 30;
    ElfBuilder elf = new ElfBuilder(PAGE).load(PAGE, 0, size);
    Path file = elf.write(file());
    long far = (5L << 30) + 0x123000;
    ByteBuffer content = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    content.putLong(0, 0xfeed).putLong(8, 0xf00d);
    ElfBuilder.patch(file, PAGE + far, content);
    ByteBuffer across = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    across.putLong(0, 0x1111).putLong(8, 0x2222);
    ElfBuilder.patch(file, (1L << 30) - 8, across);
    try (RandomAccessFile grow = new RandomAccessFile(file.toFile(), "rw")) {
      grow.setLength(PAGE + size);
    }
    Runtime runtime = Runtime.getRuntime();
    System.gc();
    long before = runtime.totalMemory() - runtime.freeMemory();
    long start = System.nanoTime();
    try (MemoryImage image = MemoryFiles.openDump(file, LIMIT)) {
      assertThat(word(image, far)).isEqualTo(0xfeed);
      assertThat(word(image, far + 8)).isEqualTo(0xf00d);
      ByteBuffer into = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
      image.fill((1L << 30) - 8 - PAGE, into);
      assertThat(into.getLong(0)).isEqualTo(0x1111);
      assertThat(into.getLong(8)).isEqualTo(0x2222);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
      System.gc();
      assertThat(runtime.totalMemory() - runtime.freeMemory() - before).isLessThan(16 << 20);
    }
  }

  @Test
  void aRawDumpBeginsAtAddressZero() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(PAGE + 100).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(PAGE + 8, 0x4242);
    Path file = Files.write(folder.resolve("raw"), bytes.array());
    try (MemoryImage image = MemoryFiles.openDump(file, LIMIT)) {
      assertThat(word(image, PAGE + 8)).isEqualTo(0x4242);
      assertThat(image.regions(List.of()))
          .extracting(MemoryRegion::base, MemoryRegion::last)
          .containsExactly(org.assertj.core.groups.Tuple.tuple(0L, 0x1fffL));
    }
    refused(file, Reason.MALFORMED).hasMessageContaining("not an ELF file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"KDUMP   ", "DISKDUMP", "makedumpfile"})
  void compressedDumpsAreNamedWithTheRemedy(String magic) throws IOException {
    byte[] bytes = new byte[8192];
    byte[] start = magic.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(start, 0, bytes, 0, start.length);
    Path file = Files.write(folder.resolve("dump"), bytes);
    refused(file, Reason.UNSUPPORTED)
        .hasMessageContaining("kdump-compressed")
        .hasMessageContaining("makedumpfile -E");
    assertThatThrownBy(() -> MemoryFiles.openDump(file, LIMIT))
        .hasMessageContaining("kdump-compressed");
  }

  @Test
  void aTruncatedHeaderIsNamed() throws IOException {
    Files.write(file(), new byte[] {0x7f, 'E', 'L', 'F', 2, 1});
    refused(file(), Reason.MALFORMED).hasMessageContaining("truncated: the file has 6 bytes");
  }

  @Test
  void truncatedContentIsNamed() throws IOException {
    new ElfBuilder(2 * PAGE).load(PAGE, 0, 2 * PAGE).write(file());
    refused(file(), Reason.MALFORMED)
        .hasMessageContaining("program header 0")
        .hasMessageContaining("0x2000 bytes at 0x1000 do not lie in the file's 0x2000 bytes");
  }

  @Test
  void truncatedProgramHeadersAreNamed() throws IOException {
    ElfBuilder elf = new ElfBuilder(200).load(0, 0, 0);
    elf.bytes.putShort(56, (short) 3);
    elf.write(file());
    refused(file(), Reason.MALFORMED).hasMessageContaining("3 program headers at 0x40");
    elf.bytes.putLong(32, -64);
    elf.write(file());
    refused(file(), Reason.MALFORMED).hasMessageContaining("do not lie in the file");
  }

  @Test
  void everyWrongHeaderFieldIsNamed() throws IOException {
    ElfBuilder elf = new ElfBuilder(2 * PAGE).load(PAGE, 0, PAGE);
    elf.bytes.put(4, (byte) 1);
    elf.write(file());
    refused(file(), Reason.MALFORMED).hasMessageContaining("EI_CLASS is 1");
    elf.bytes.put(4, (byte) 2).put(5, (byte) 2);
    elf.write(file());
    refused(file(), Reason.MALFORMED).hasMessageContaining("EI_DATA is 2");
    elf.bytes.put(5, (byte) 1).putShort(16, (short) 2);
    elf.write(file());
    refused(file(), Reason.MALFORMED).hasMessageContaining("e_type is 2");
    elf.bytes.putShort(16, (short) 4).putShort(54, (short) 32);
    elf.write(file());
    refused(file(), Reason.MALFORMED).hasMessageContaining("e_phentsize is 32");
  }

  @Test
  void everyWrongSegmentIsNamed() throws IOException {
    new ElfBuilder(2 * PAGE).header(1, PAGE, 0, PAGE, 16).write(file());
    refused(file(), Reason.MALFORMED).hasMessageContaining("p_filesz 0x1000 is larger");
    new ElfBuilder(2 * PAGE).header(1, PAGE, 0, -1, 16).write(file());
    refused(file(), Reason.MALFORMED).hasMessageContaining("p_filesz 0xffffffffffffffff");
    new ElfBuilder(2 * PAGE).header(1, -8, 0, 16, 16).write(file());
    refused(file(), Reason.MALFORMED).hasMessageContaining("do not lie in the file");
    new ElfBuilder(2 * PAGE).header(1, PAGE, (1L << 52) - 8, 16, 16).write(file());
    refused(file(), Reason.MALFORMED).hasMessageContaining("52-bit address space");
    new ElfBuilder(2 * PAGE).header(1, PAGE, 0, 16, Long.MIN_VALUE).write(file());
    refused(file(), Reason.MALFORMED).hasMessageContaining("52-bit address space");
  }

  @Test
  void segmentsThatDifferAboutAByteAreRefused() throws IOException {
    ElfBuilder elf = new ElfBuilder(4 * PAGE).load(PAGE, 0x3000, 0x1001).load(PAGE, 0x4000, PAGE);
    elf.bytes.put(PAGE, (byte) 1);
    elf.write(file());
    refused(file(), Reason.MALFORMED)
        .hasMessageContaining("0x3000..0x4000 and 0x4000..0x4fff overlap and do not say the same");
    elf = new ElfBuilder(4 * PAGE).header(1, PAGE, 0x3000, 16, PAGE).load(PAGE, 0x3000, PAGE);
    elf.write(file());
    refused(file(), Reason.MALFORMED).hasMessageContaining("overlap");
  }

  @Test
  void memoryThatIsStatedTwiceAndEquallyIsReadOnce() throws IOException {
    ElfBuilder elf = new ElfBuilder(8 * PAGE);
    elf.load(PAGE, 0x1000, 3 * PAGE).load(4 * PAGE, 0x2000, PAGE).load(2 * PAGE, 0x2000, 4 * PAGE);
    elf.bytes.putLong(2 * PAGE, 0xabc).putLong(4 * PAGE, 0xabc).putLong(5 * PAGE, 0xdef);
    elf.bytes.putLong(4 * PAGE + 8, 0).putLong(2 * PAGE + 8, 0);
    try (MemoryImage image = MemoryFiles.openElf(elf.write(file()), LIMIT)) {
      assertThat(image.segments())
          .containsExactly(
              new Segment(0x1000, PAGE, 3 * PAGE, 3 * PAGE),
              new Segment(0x4000, 4 * PAGE, 2 * PAGE, 2 * PAGE));
      assertThat(word(image, 0x2000)).isEqualTo(0xabc);
      assertThat(word(image, 0x5000)).isEqualTo(0xdef);
    }
  }

  @Test
  void aCoreWithoutMemoryIsRefused() throws IOException {
    new ElfBuilder(PAGE).header(4, 0, 0, 8, 8).write(file());
    refused(file(), Reason.MALFORMED).hasMessageContaining("no PT_LOAD");
    new ElfBuilder(PAGE).header(1, 0, 0, 0, 0).write(file());
    refused(file(), Reason.MALFORMED).hasMessageContaining("no PT_LOAD");
  }

  @Test
  void aTruncatedGzipIsNamed() throws IOException {
    ElfBuilder elf = new ElfBuilder(64 * PAGE).load(PAGE, 0, 60 * PAGE);
    new java.util.Random(1).nextBytes(elf.bytes.array());
    byte[] whole = Files.readAllBytes(elf.writeGzip(file()));
    Files.write(file(), java.util.Arrays.copyOf(whole, whole.length / 2));
    refused(file(), Reason.MALFORMED).hasMessageContaining("the gzip file is truncated");
    whole[whole.length / 2] ^= 0x55;
    whole[whole.length - 8] ^= 0x55;
    Files.write(file(), whole);
    refused(file(), Reason.MALFORMED).hasMessageContaining("the gzip file is damaged");
    Files.write(file(), new byte[] {0x1f, (byte) 0x8b, 8});
    refused(file(), Reason.MALFORMED).hasMessageContaining("the gzip file is truncated");
  }

  @Test
  void aGzipBombIsRefusedAtTheLimit() throws IOException {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file()))) {
      out.write(new byte[2 << 20]);
    }
    refused(file(), Reason.MALFORMED)
        .hasMessageContaining("inflates to more than 1048576 bytes")
        .hasMessageContaining("gzip -d");
  }

  @Test
  void whatIsNoFileIsNamed() throws IOException {
    refused(file(), Reason.NOT_FOUND).hasMessageContaining("no such file");
    Files.write(file(), new byte[0]);
    refused(file(), Reason.MALFORMED).hasMessageContaining("the file is empty");
    refused(folder, Reason.MALFORMED).hasMessageContaining("a regular file is needed");
  }
}
