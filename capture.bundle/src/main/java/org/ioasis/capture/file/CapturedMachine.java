package org.ioasis.capture.file;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.api.state.RegisterValue;

/**
 * A machine at rest in files: the registers of one unit, and memory. From a capture folder or from
 * a dump with registers beside it.
 *
 * <p><b>Threading:</b> immutable; closing ends the use of its memory.
 */
public final class CapturedMachine implements AutoCloseable {
  private static final String MEMORY = "memory.elf";

  private final Path place;
  private final CaptureRegisters registers;
  private final MemoryImage memory;

  private CapturedMachine(Path place, CaptureRegisters registers, MemoryImage memory) {
    this.place = place;
    this.registers = registers;
    this.memory = memory;
  }

  /** Opens a capture folder. */
  public static CapturedMachine openFolder(Path folder) {
    Path registers =
        find(folder, CaptureRegisters.FILE)
            .orElseThrow(
                () ->
                    Broken.missing(
                        folder.toString(),
                        "no %s in this folder; a capture folder is needed, or a dump file with"
                                .formatted(CaptureRegisters.FILE)
                            + " --kind and --reg"));
    Path memory =
        find(folder, MEMORY)
            .orElseThrow(
                () -> Broken.missing(folder.toString(), "no %s(.gz) in it".formatted(MEMORY)));
    CaptureRegisters read = CaptureRegisters.read(registers);
    return new CapturedMachine(
        folder, read, MemoryFiles.openElf(memory, HeapSource.defaultLimit()));
  }

  /** Opens a dump with registers from elsewhere. */
  public static CapturedMachine openDump(Path file, CaptureRegisters registers) {
    return new CapturedMachine(
        file, registers, MemoryFiles.openDump(file, HeapSource.defaultLimit()));
  }

  /** The same machine with other registers; memory is shared, close one of the two. */
  public CapturedMachine withRegisters(List<RegisterValue> values) {
    CaptureRegisters other =
        new CaptureRegisters(registers.kind(), registers.mmioBase(), registers.ram(), values);
    return new CapturedMachine(place, other, memory);
  }

  private static Optional<Path> find(Path folder, String name) {
    for (String candidate : List.of(name, name + ".gz")) {
      Path file = folder.resolve(candidate);
      if (Files.exists(file)) {
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }

  /** The folder or the dump, for messages. */
  public Path place() {
    return place;
  }

  /** Kind of hardware. */
  public String kind() {
    return registers.kind();
  }

  /** What the registers' file says. */
  public CaptureRegisters registers() {
    return registers;
  }

  /** Memory as the file has it. */
  public MemoryImage memory() {
    return memory;
  }

  /** RAM, backed by the file. */
  public List<MemoryRegion> regions() {
    return memory.regions(registers.ram());
  }

  /** A file of the capture folder, plain or gzip; empty if there is none or this is a dump. */
  public Optional<Path> file(String name) {
    return find(place, name);
  }

  @Override
  public void close() {
    memory.close();
  }
}
