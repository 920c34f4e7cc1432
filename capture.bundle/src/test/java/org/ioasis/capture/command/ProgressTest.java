package org.ioasis.capture.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private long now = TimeUnit.SECONDS.toNanos(5);

  private void run(Progress progress, int ticks, int seconds) {
    now += TimeUnit.SECONDS.toNanos(seconds);
    for (int i = 0; i < ticks; i++) {
      progress.run();
    }
  }

  @Test
  void saysNothingForTwoSecondsAndThenALineEveryTen() {
    Console console = new Console(Path.of("."));
    Progress progress = new Progress(console, "rows", () -> now);
    run(progress, 128, 1);
    assertThat(console.errors()).isEmpty();
    run(progress, 128, 1);
    run(progress, 128, 5);
    assertThat(console.errors()).isEqualTo("192 rows\n");
    run(progress, 128, 5);
    progress.end();
    assertThat(console.errors()).isEqualTo("192 rows\n448 rows\n");
  }

  @Test
  void movesOnATerminalAndCleansUp() {
    Console console = new Console(Path.of("."), true);
    Progress progress = new Progress(console, "rows", () -> now);
    run(progress, 64, 3);
    run(progress, 64, 1);
    assertThat(console.errors()).isEqualTo("\r64 rows\r128 rows");
    progress.end();
    assertThat(console.errors()).endsWith("\r" + " ".repeat(40) + "\r");
  }
}
