package org.ioasis.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What libraries print. */
class StrayOutputTest {
  @Test
  void goesToStandardErrorUntilSilenced() {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
      StrayOutput stray = StrayOutput.install();
      System.out.print("before ");
      System.out.write('x');
      stray.silence();
      System.out.print("after");
      System.out.write('y');
      System.out.flush();
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
    assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("before x");
  }
}
