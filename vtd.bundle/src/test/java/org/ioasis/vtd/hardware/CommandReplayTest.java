package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.inspect.CommandReplay;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.state.RegisterValue;
import org.junit.jupiter.api.Test;

/** The beginning of a captured command stream, scalable machine. */
class CommandReplayTest {
  private final Rig rig =
      new Rig(
          Rig.profile(0x10, 0x00D2_008C_222F_0686L, 0x0000_4800_80F0_0F4AL), Scheduler.Mode.INLINE);
  private final CommandReplay replay =
      new VtdFactory().answers().commandReplay(rig.mmio, rig.memory()).orElseThrow();

  private void write(String offset, int size, String value) {
    replay.accept(
        new Row()
            .text("ev", "regwrite")
            .text("offset", offset)
            .number("size", size)
            .text("value", value));
  }

  private void command(String type, String lo, String hi) {
    replay.accept(new Row().text("ev", "cmd").text("type", type).text("lo", lo).text("hi", hi));
  }

  private void start() {
    write("0x88", 4, "0x0");
    write("0x90", 8, "0x1001ec801");
    write("0x18", 4, "0x4000000");
    write("0xb8", 8, "0x10020000f");
    write("0x18", 4, "0x5000000");
    write("0x88", 4, "0x40");
    command("iec", "0x4", "0x0");
    command("wait", "0x200000025", "0x100042c04");
    write("0x18", 4, "0x6000000");
  }

  @Test
  void endsWhereTheCaptureEnded() {
    start();
    write("0x34", 4, "0xff");
    write("0x22c", 4, "0x80000000");
    write("0x88", 4, "0x80");
    command("wait", "0x200000025", "0x100042c0c");
    List<CommandReplay.Check> checks =
        replay.finish(
            List.of(
                new RegisterValue("GSTS", 0x1C, 4, 0x0700_0000L),
                new RegisterValue("RTADDR", 0x20, 8, 0),
                new RegisterValue("FECTL", 0x38, 4, 0),
                new RegisterValue("IQT", 0x88, 8, 0x80),
                new RegisterValue("IQA", 0x90, 8, 0x1_001E_C801L),
                new RegisterValue("IRTA", 0xB8, 8, 0x1_0020_000FL)));
    assertThat(checks)
        .extracting(CommandReplay.Check::name)
        .containsExactly("IQH equals IQT", "FSTS.IQE", "GSTS", "RTADDR", "IQT", "IQA", "IRTA");
    assertThat(checks).allMatch(CommandReplay.Check::agrees);
    assertThat(rig.peek(0x1_001E_C040L)).as("the slot without a row").isEqualTo(0x37);
    assertThat(rig.memory().load32(0x1_0004_2C0CL)).isEqualTo(2);
    assertThat(rig.unit.counters()).containsEntry("queue.descriptors", 4L);
  }

  @Test
  void differencesAreSaid() {
    start();
    write("0x88", 4, "0x60");
    command("iec", "0x8000000000000004", "0x0");
    List<CommandReplay.Check> checks =
        replay.finish(List.of(new RegisterValue("GSTS", 0x1C, 4, 0xC700_0000L)));
    assertThat(checks)
        .containsExactly(
            new CommandReplay.Check("IQH equals IQT", false, "0x60", "0x40"),
            new CommandReplay.Check("FSTS.IQE", false, "0x0", "0x10"),
            new CommandReplay.Check("GSTS", false, "0xc7000000", "0x7000000"));
  }

  @Test
  void malformedRows() {
    assertMalformed(() -> command("wait", "0x25", "0x0"), "no tail write");
    assertMalformed(() -> replay.accept(new Row().text("ev", "dma")), "neither regwrite nor cmd");
    assertMalformed(() -> write("0x20", 2, "0x0"), "size");
    assertMalformed(() -> write("0x20", 8, "xyz"), "value");
    start();
    write("0x88", 4, "0x60");
    command("wait", "0x200000025", "0x100042c0c");
    command("wait", "0x200000025", "0x100042c0c");
    assertMalformed(() -> replay.finish(List.of()), "submits 1 slots");
  }

  private static void assertMalformed(Runnable action, String why) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.MALFORMED))
        .hasMessageContaining(why);
  }
}
