package org.ioasis.itest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** The captures of the distribution, read without any code of ours, and damaged copies of them. */
final class Captures {
  static final ObjectMapper JSON = new ObjectMapper();
  static final String LEGACY = "vtd-legacy-dev";
  static final String FIRST_STAGE = "vtd-firststage-dev";

  // ELF64: where the header keeps the program headers, and what one of them holds.
  private static final int E_PHOFF = 32, E_PHNUM = 56, PH_SIZE = 56;
  private static final int P_OFFSET = 8, P_PADDR = 24, P_FILESZ = 32;

  /** A stretch of memory in an ELF file. */
  record Load(long address, int offset, int size) {}

  private Captures() {}

  /** The folder of a capture that ships. */
  static Path folder(String name) {
    return Distribution.home().resolve("captures").resolve(name);
  }

  /** The same as an argument of a command. */
  static String argument(String name) {
    return folder(name).toString();
  }

  /** All rows of a file of JSON lines, plain or gzip by its name. */
  static List<JsonNode> rows(Path file) throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    try (InputStream in = open(file);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        rows.add(JSON.readTree(line));
      }
    }
    return rows;
  }

  private static InputStream open(Path file) throws IOException {
    InputStream in = Files.newInputStream(file);
    return file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in;
  }

  /** A copy of a capture, its memory and answers inflated. */
  static Path copy(String name, Path target) throws IOException {
    Files.createDirectories(target);
    try (Stream<Path> files = Files.list(folder(name))) {
      files.forEach(file -> inflate(file, target));
    }
    return target;
  }

  private static void inflate(Path file, Path target) {
    String name = file.getFileName().toString().replaceAll("\\.gz$", "");
    try (InputStream in = open(file)) {
      Files.copy(in, target.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The stretches of a memory file. */
  static List<Load> loads(ByteBuffer elf) {
    elf.order(ByteOrder.LITTLE_ENDIAN);
    List<Load> loads = new ArrayList<>();
    int header = (int) elf.getLong(E_PHOFF);
    for (int i = 0; i < elf.getShort(E_PHNUM); i++, header += PH_SIZE) {
      loads.add(
          new Load(
              elf.getLong(header + P_PADDR),
              (int) elf.getLong(header + P_OFFSET),
              (int) elf.getLong(header + P_FILESZ)));
    }
    return loads;
  }

  /** Replaces one 64-bit word in the memory of an inflated copy. */
  static void poke(Path capture, long address, long word) throws IOException {
    Path file = capture.resolve("memory.elf");
    ByteBuffer elf = ByteBuffer.wrap(Files.readAllBytes(file));
    for (Load load : loads(elf)) {
      if (address >= load.address && address < load.address + load.size) {
        elf.putLong((int) (load.offset + address - load.address), word);
        Files.write(file, elf.array());
        return;
      }
    }
    throw new IllegalArgumentException("0x%x is not captured".formatted(address));
  }
}
