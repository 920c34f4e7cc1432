package org.ioasis.capture.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.ioasis.api.inspect.Inspector;
import org.ioasis.api.inspect.PageSink;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.inspect.RowSink;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.api.state.RegisterValue;
import org.ioasis.machine.DefaultMachineFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureWriterTest {
  @TempDir Path folder;

  /** Names every {@code step}-th page of RAM, twice, and one page outside. */
  private record Pages(int count, int step) implements Inspector {
    @Override
    public void reachablePages(PageSink sink) {
      for (int round = 0; round < 2; round++) {
        for (int i = 0; i < count; i++) {
          sink.page(4096L * i * step, "page");
        }
      }
      sink.page(1L << 40, "nowhere");
    }

    @Override
    public void mappings(int sourceId, RowSink sink) {
      for (int i = 0; i < count; i++) {
        if (!sink.row(new Row().hex("iova", 4096L * i).nothing("pasid"))) {
          return;
        }
      }
    }

    @Override
    public Row unit() {
      return new Row();
    }

    @Override
    public void devices(RowSink sink) {}

    @Override
    public void domains(RowSink sink) {}
  }

  private static long word(MemoryImage image, long address) {
    ByteBuffer into = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    image.fill(address, into);
    return into.getLong(0);
  }

  private Machine machine() {
    return new DefaultMachineFactory()
        .create(MachineSpec.isolated("writer", 52, List.of(MemoryRegion.ram(0, 1L << 30))));
  }

  @Test
  void whatIsWrittenIsReadBack() {
    CaptureRegisters registers =
        new CaptureRegisters(
            "toy",
            0xfed90000L,
            List.of(new Range(0, 0x3fff_ffffL)),
            List.of(new RegisterValue("A", 8, 8, -1), new RegisterValue("B", 0x10, 4, 1)));
    try (Machine machine = machine()) {
      machine.memory().store64(0x1008, 0x1234);
      machine.memory().store64(0x2ff8, 0x5678);
      CaptureWriter writer = new CaptureWriter(folder.resolve("out"));
      writer.prepare();
      writer.registers(registers);
      assertThat(writer.memory(new Pages(3, 1), machine.memory(), 183)).isEqualTo(3);
      assertThat(writer.mappings(new Pages(3, 1), 2)).isEqualTo(2);
    }
    try (CapturedMachine read = CapturedMachine.openFolder(folder.resolve("out"))) {
      assertThat(read.registers()).isEqualTo(registers);
      assertThat(read.memory().machine()).isEqualTo(183);
      assertThat(read.memory().segments())
          .extracting(Segment::address, Segment::memoryBytes)
          .containsExactly(org.assertj.core.groups.Tuple.tuple(0L, 0x3000L));
      assertThat(word(read.memory(), 0x1008)).isEqualTo(0x1234);
      assertThat(word(read.memory(), 0x2ff8)).isEqualTo(0x5678);
      try (JsonLines lines = JsonLines.open(read.file("mappings.jsonl").orElseThrow())) {
        assertThat(lines.next().toString()).isEqualTo("{\"iova\":\"0x0\",\"pasid\":null}");
        assertThat(lines.next().toString()).isEqualTo("{\"iova\":\"0x1000\",\"pasid\":null}");
        assertThat(lines.next()).isNull();
      }
    }
  }

  @Test
  void moreRunsThanTheHeaderCanCountStillReadBack() {
    int pages = 65_600;
    try (Machine machine = machine()) {
      machine.memory().store64(4096L * 2 * (pages - 1), 0x99);
      CaptureWriter writer = new CaptureWriter(folder);
      writer.prepare();
      assertThat(writer.memory(new Pages(pages, 2), machine.memory(), 62)).isEqualTo(pages);
    }
    try (MemoryImage image =
        MemoryFiles.openElf(folder.resolve("memory.elf.gz"), HeapSource.defaultLimit())) {
      assertThat(image.segments()).hasSize(65_600);
      assertThat(word(image, 4096L * 2 * (pages - 1))).isEqualTo(0x99);
    }
  }
}
