package org.ioasis.capture.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.ioasis.api.IoasisException;
import org.ioasis.api.command.Command;
import org.ioasis.capture.replay.Laboratory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Damaged files end in an answer or in one line, whatever was damaged; never in anything else. */
@Timeout(120)
class HostileFilesTest {
  private static final String ROWS =
      """
      {"sid":3,"access":"unknown","iova":"0x1004","pa":"0x8004"}
      {"sid":3,"access":"write","iova":"0x1004","fault":2}
      {"sid":5,"access":"read","iova":"0x2000"}
      """;
  private static final String VECTOR =
      """
      {"id":"t","vendor":"toy","cfg":"plain","mem":{"1018":"2001","2000":"7003"},"steps":[\
      {"op":"mmio","w":[["8",8,"1000"],["10",4,"1"]]},{"op":"mmio_r","r":[["8",8]],"out":["1000"]},\
      {"op":"dma","sid":"3","iova":"8","dir":"R","len":4,"out":{"class":"ok","pa":"7008"}},\
      {"op":"mem_r","r":["2000"],"out":["7007"]}],"mem_after":{"2000":"7007"}}
      """;

  @TempDir Path folder;

  private final Random random = new Random(20);
  private final Laboratory laboratory = ToyCapture.laboratory();
  private int refusals;
  private int answers;

  private byte[] damaged(byte[] good) {
    byte[] bad = good.clone();
    if (random.nextInt(4) == 0) {
      return Arrays.copyOf(bad, random.nextInt(bad.length));
    }
    for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
      int at = random.nextInt(Math.min(bad.length, 600));
      bad[at] =
          random.nextBoolean()
              ? (byte) random.nextInt()
              : (byte) "0\"{}[],:f".charAt(random.nextInt(9));
    }
    return bad;
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream gzip = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(gzip)) {
      out.write(bytes);
    }
    return gzip.toByteArray();
  }

  private void run(Command command, String... arguments) {
    try {
      int status = new Console(folder).run(command, arguments);
      assertThat(status).isBetween(0, 2);
      answers++;
    } catch (IoasisException e) {
      assertThat(e.getMessage()).isNotBlank().doesNotContain("\n").hasSizeLessThan(600);
      refusals++;
    }
  }

  private void damage(String file, byte[] good, int rounds) throws IOException {
    for (int round = 0; round < rounds; round++) {
      Files.write(folder.resolve(file), damaged(good));
      run(new ReplayCommand(laboratory), "toy");
      run(new InspectCommand(laboratory), "toy", "--mappings", "--limit", "1000");
    }
    Files.write(folder.resolve(file), good);
  }

  @Test
  void damagedCapturesEndInOneLine() throws IOException {
    ToyCapture.write(folder.resolve("toy"));
    byte[] rows = ROWS.getBytes(StandardCharsets.UTF_8);
    Files.write(folder.resolve("toy/translations.jsonl"), rows);
    damage("toy/registers.json", ToyCapture.REGISTERS.getBytes(StandardCharsets.UTF_8), 150);
    damage("toy/memory.elf", ToyCapture.elf(), 150);
    damage("toy/memory.elf", gzip(ToyCapture.elf()), 100);
    damage("toy/translations.jsonl", rows, 150);
    damage("toy/translations.jsonl", gzip(rows), 50);
    assertThat(refusals).isGreaterThan(300);
    assertThat(answers).isGreaterThan(100);
  }

  @Test
  void damagedVectorsEndInOneLine() throws IOException {
    byte[] good = VECTOR.getBytes(StandardCharsets.UTF_8);
    Files.write(folder.resolve("good"), good);
    assertThat(new Console(folder).run(new VectorsCommand(laboratory), "good")).isZero();
    for (int round = 0; round < 300; round++) {
      Files.write(folder.resolve("v"), damaged(good));
      run(new VectorsCommand(laboratory), "v");
      run(new VectorsCommand(laboratory), "--answer", "v");
    }
    assertThat(refusals).isGreaterThan(200);
    assertThat(answers).isGreaterThan(20);
  }
}
