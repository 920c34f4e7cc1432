package org.ioasis.shell.oneshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.ioasis.shell.TestFramework;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The end of the start, seen in a real framework. */
@Timeout(60)
class FrameworkStartupTest {
  @TempDir Path folder;

  @Test
  void endsWithTheStartOfTheFramework() throws Exception {
    try (TestFramework framework = new TestFramework(folder, Map.of());
        FrameworkStartup early = new FrameworkStartup(framework.context(), 20_000)) {
      try (FrameworkStartup impatient = new FrameworkStartup(framework.context(), 20)) {
        assertThat(impatient.await()).isFalse();
      }
      framework.started();
      assertThat(early.await()).isTrue();
      try (FrameworkStartup late = new FrameworkStartup(framework.context(), 0)) {
        assertThat(late.await()).isTrue();
      }
    }
  }

  @Test
  void namesBundlesThatShouldRunAndDoNot() throws Exception {
    try (TestFramework framework = new TestFramework(folder, Map.of())) {
      framework.install("org.ioasis.idle", "1.0.0");
      framework.install("org.ioasis.fine", "1.0.0").start();
      framework
          .install("org.ioasis.broken", "1.0.0", "Import-Package", "org.ioasis.nowhere")
          .start();
      framework.started();
      try (FrameworkStartup startup = new FrameworkStartup(framework.context(), 20_000)) {
        assertThat(startup.await()).isTrue();
        assertThat(startup.notRunning()).containsExactly("org.ioasis.broken");
      }
    }
  }
}
