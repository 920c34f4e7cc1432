package org.ioasis.capture.command;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.capture.replay.Laboratory;
import org.ioasis.capture.toy.ToyFactory;
import org.ioasis.machine.DefaultMachineFactory;

/**
 * A capture of a toy machine: device table at 1000h with device 3 (page table at 2000h) and device
 * 5 (page table at 3000h). Device 3: page 0 to 7000h read and write, page 1 to 8000h read only;
 * device 5: page 2 to 9000h write only.
 */
final class ToyCapture {
  static final String REGISTERS =
      """
      {"kind": "toy", "mmio_base": "0x10000000", "ram_segments": [["0x0", "0x10000"]],
       "registers": [
        {"name": "ID", "offset": "0x0", "size": 4, "value": "0x1"},
        {"name": "ROOT", "offset": "0x8", "size": 8, "value": "0x1000"},
        {"name": "CTRL", "offset": "0x10", "size": 4, "value": "0x1"},
        {"name": "STATUS", "offset": "0x14", "size": 4, "value": "0x0"}]}
      """;

  private ToyCapture() {}

  static Laboratory laboratory() {
    List<HardwareFactory> factories = List.of(new ToyFactory());
    return new Workbench(new DefaultMachineFactory(), factories);
  }

  static Path write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("registers.json"), REGISTERS);
    Files.write(folder.resolve("memory.elf"), elf());
    return folder;
  }

  static ByteBuffer memory() {
    ByteBuffer memory = ByteBuffer.allocate(0x4000).order(ByteOrder.LITTLE_ENDIAN);
    memory.putLong(0x1000 + 8 * 3, 0x2001).putLong(0x1000 + 8 * 5, 0x3001);
    memory.putLong(0x2000, 0x7003).putLong(0x2008, 0x8001).putLong(0x3010, 0x9002);
    return memory;
  }

  /** One PT_LOAD: 1000h to 3fffh. */
  static byte[] elf() {
    ByteBuffer bytes = ByteBuffer.allocate(0x4000).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(0x1000, memory().array(), 0x1000, 0x3000);
    bytes.put(0, new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1});
    bytes.putShort(16, (short) 4).putShort(18, (short) 62).putInt(20, 1).putLong(32, 64);
    bytes.putShort(52, (short) 64).putShort(54, (short) 56).putShort(56, (short) 1);
    bytes.putInt(64, 1).putLong(72, 0x1000).putLong(88, 0x1000);
    bytes.putLong(96, 0x3000).putLong(104, 0x3000);
    return bytes.array();
  }
}
