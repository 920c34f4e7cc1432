package org.ioasis.vtd.hardware;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.ioasis.vtd.format.RegisterMap;

/**
 * A captured case, read with nothing of ours but this class: registers by offset, memory from the
 * ELF file&#39;s loads, rows as flat maps of texts.
 */
final class Capture implements UnitView {
  /** The bundled cases. */
  static final List<String> CASES =
      List.of("vtd-legacy-dev", "vtd-scalable-dev", "vtd-firststage-dev");

  private static final Pattern CELL =
      Pattern.compile("\"(\\w+)\":\\s*(\"[^\"]*\"|-?\\d+|true|false|null)");
  private static final Pattern REGISTER =
      Pattern.compile(
          "\"name\":\\s*\"\\w+\",\\s*\"offset\":\\s*\"0x(\\w+)\",\\s*\"size\":\\s*\\d+,"
              + "\\s*\"value\":\\s*\"0x(\\w+)\"");
  private static final int LOAD = 1;
  private static final int HEADER = 56;

  private final Path folder;
  private final Map<Integer, Long> registers = new HashMap<>();

  /** RAM as captured. */
  final TestMemory memory = new TestMemory(0x1_C000_0000L);

  /** Pages that the file holds. */
  final TreeSet<Long> pages = new TreeSet<>();

  final Capabilities capabilities;
  final Translator translator;
  private final Latched latched;

  Capture(String name) {
    folder = Path.of("..", "cnf", "captures", name);
    Matcher matcher = REGISTER.matcher(new String(bytes("registers.json"), StandardCharsets.UTF_8));
    while (matcher.find()) {
      registers.put(
          Integer.parseInt(matcher.group(1), 16), Long.parseUnsignedLong(matcher.group(2), 16));
    }
    loadMemory(ByteBuffer.wrap(bytes("memory.elf.gz")).order(ByteOrder.LITTLE_ENDIAN));
    capabilities =
        new Capabilities(
            (int) register(RegisterMap.VER),
            register(RegisterMap.CAP),
            register(RegisterMap.ECAP),
            48);
    long root = register(RegisterMap.RTADDR);
    latched =
        new Latched(
            register(RegisterMap.GSTS) < 0 || (register(RegisterMap.GSTS) & 0x8000_0000L) != 0,
            (int) (root >>> 10 & 3),
            root & ~0xFFFL,
            (register(RegisterMap.GSTS) & 0x0200_0000L) != 0,
            register(RegisterMap.IRTA));
    translator = new Translator(memory, capabilities, CacheGeometry.DEFAULT);
  }

  private byte[] bytes(String file) {
    try (InputStream raw = Files.newInputStream(folder.resolve(file));
        InputStream in = file.endsWith(".gz") ? new GZIPInputStream(raw) : raw) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      in.transferTo(all);
      return all.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void loadMemory(ByteBuffer elf) {
    int at = (int) elf.getLong(32);
    int count = elf.getShort(56);
    for (int i = 0; i < count; i++, at += HEADER) {
      if (elf.getInt(at) == LOAD) {
        int offset = (int) elf.getLong(at + 8);
        long address = elf.getLong(at + 24);
        int length = (int) elf.getLong(at + 32);
        for (int word = 0; word < length; word += 8) {
          memory.at(address + word, elf.getLong(offset + word));
        }
        for (long page = address; page < address + length; page += 0x1000) {
          pages.add(page);
        }
      }
    }
  }

  /** The rows of a JSON lines file: keys sorted, values as they stand there without quotes. */
  List<Map<String, String>> rows(String file) {
    List<Map<String, String>> rows = new ArrayList<>();
    for (String line : new String(bytes(file), StandardCharsets.UTF_8).lines().toList()) {
      Map<String, String> row = new TreeMap<>();
      Matcher matcher = CELL.matcher(line);
      while (matcher.find()) {
        row.put(matcher.group(1), matcher.group(2).replace("\"", ""));
      }
      rows.add(row);
    }
    return rows;
  }

  @Override
  public Latched latched() {
    return latched;
  }

  @Override
  public long register(int offset) {
    return registers.getOrDefault(offset, 0L);
  }

  @Override
  public Translator translator() {
    return translator;
  }
}
