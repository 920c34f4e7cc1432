package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.inspect.CommandReplay;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.state.RegisterValue;
import org.junit.jupiter.api.Test;

/** Slots and values are written as VT-d prints them, not through the classes under test. */
class VtdCommandReplayTest {
  private static final long WAIT = 0x2_0000_0025L;
  private static final long GLOBAL_CONTEXT = 0x11;
  private static final long GLOBAL_IOTLB = 0xd2;
  private static final long QUEUE = 0x10000;

  private final Rig rig = Rig.full();
  private final CommandReplay replay = new VtdCommandReplay(rig.mmio, rig.memory());

  private void register(long offset, int bytes, long value) {
    replay.accept(
        new Row()
            .text("ev", "regwrite")
            .text("offset", "0x" + Long.toHexString(offset))
            .number("size", bytes)
            .text("value", "0x" + Long.toHexString(value)));
  }

  private void command(long low, long high) {
    replay.accept(
        new Row()
            .text("ev", "cmd")
            .text("type", "free text")
            .text("lo", "0x" + Long.toHexString(low))
            .text("hi", "0x" + Long.toHexString(high)));
  }

  private void queue(long iqa) {
    register(0x88, 4, 0);
    register(0x90, 8, iqa);
    register(0x18, 4, 0x0400_0000);
  }

  private List<CommandReplay.Check> finish(RegisterValue... registers) {
    return replay.finish(List.of(registers));
  }

  @Test
  void descriptorsGoIntoTheSlotsThatTheTailHasPassed() {
    queue(QUEUE);
    register(0x88, 4, 0x20);
    command(GLOBAL_CONTEXT, 0);
    command(WAIT, 0x20000);
    assertThat(rig.peek(QUEUE)).as("held until the next register write").isZero();
    register(0x88, 4, 0x40);
    assertThat(rig.peek(QUEUE)).isEqualTo(GLOBAL_CONTEXT);
    assertThat(rig.peek(QUEUE + 0x10)).isEqualTo(WAIT);
    assertThat(rig.peek(QUEUE + 0x18)).isEqualTo(0x20000);
    assertThat(rig.peek(0x20000)).isEqualTo(2);
    command(GLOBAL_IOTLB, 0);
    command(WAIT, 0x20008);
    assertThat(finish())
        .containsExactly(
            new CommandReplay.Check("IQH = IQT", true, "0x40", "0x40"),
            new CommandReplay.Check("queue errors in FSTS", true, "0x0", "0x0"));
    assertThat(rig.peek(0x20008)).isEqualTo(2);
  }

  @Test
  void theQueueWrapsAtItsSize() {
    queue(QUEUE);
    for (int tail = 0x20; tail <= 0xfe0; tail += 0x20) {
      register(0x88, 4, tail);
      command(GLOBAL_CONTEXT, 0);
      command(WAIT, 0x20000);
    }
    register(0x88, 4, 0x10);
    command(GLOBAL_CONTEXT, 0);
    command(GLOBAL_IOTLB, 0);
    command(WAIT, 0x20010);
    assertThat(finish()).allMatch(CommandReplay.Check::agrees);
    assertThat(rig.peek(QUEUE + 0xfe0)).isEqualTo(GLOBAL_CONTEXT);
    assertThat(rig.peek(QUEUE + 0xff0)).isEqualTo(GLOBAL_IOTLB);
    assertThat(rig.peek(QUEUE)).isEqualTo(WAIT);
    assertThat(rig.r64(0x80)).isEqualTo(0x10);
  }

  @Test
  void aSlotWithoutARowIsAPasidCacheInvalidation() {
    Rig scalable = Rig.of(0x10, 0xd2008c222f0686L, 0x480080f00f4aL);
    CommandReplay wide = new VtdCommandReplay(scalable.mmio, scalable.memory());
    List.of(
            new Row()
                .text("ev", "regwrite")
                .text("offset", "0x20")
                .number("size", 8)
                .text("value", "0x30400"),
            new Row()
                .text("ev", "regwrite")
                .text("offset", "0x18")
                .number("size", 4)
                .text("value", "0x40000000"),
            new Row()
                .text("ev", "regwrite")
                .text("offset", "0x90")
                .number("size", 8)
                .text("value", "0x10800"),
            new Row()
                .text("ev", "regwrite")
                .text("offset", "0x18")
                .number("size", 4)
                .text("value", "0x4000000"),
            new Row()
                .text("ev", "regwrite")
                .text("offset", "0x88")
                .number("size", 4)
                .text("value", "0x40"),
            new Row().text("ev", "cmd").text("lo", "0x200000025").text("hi", "0x20000"))
        .forEach(wide::accept);
    scalable.poke(QUEUE + 0x10, -1, -1);
    assertThat(wide.finish(List.of())).allMatch(CommandReplay.Check::agrees);
    assertThat(scalable.peek(QUEUE)).isEqualTo(0x37);
    assertThat(scalable.peek(QUEUE + 0x10)).isZero();
    assertThat(scalable.peek(QUEUE + 0x18)).isZero();
    assertThat(scalable.peek(QUEUE + 0x20)).isEqualTo(WAIT);
    assertThat(scalable.peek(0x20000)).isEqualTo(2);
  }

  @Test
  void acknowledgementsOfFaultsAreLeftOut() {
    rig.mmio.write32(0x38, 0);
    long firstRecord = (rig.r64(8) >>> 24 & 0x3ff) * 16;
    register(0x34, 4, 0xffffffffL);
    register(firstRecord + 12, 4, 0x80000000L);
    register(0x38, 4, 0x80000000L);
    assertThat(finish()).allMatch(CommandReplay.Check::agrees);
    assertThat(rig.r32(0x38)).isEqualTo(0x80000000L);
  }

  @Test
  void whatIsNotEqualAtTheEndIsTold() {
    register(0x20, 8, 0x30000);
    register(0x18, 4, 0x40000000L);
    List<CommandReplay.Check> checks =
        finish(
            new RegisterValue("GSTS", 0x1c, 4, 0xc0000000L),
            new RegisterValue("RTADDR", 0x20, 8, 0x31000));
    assertThat(checks)
        .containsExactly(
            new CommandReplay.Check("IQH = IQT", true, "0x0", "0x0"),
            new CommandReplay.Check("GSTS", false, "0xc0000000", "0x40000000"),
            new CommandReplay.Check("RTADDR", false, "0x31000", "0x30000"),
            new CommandReplay.Check("queue errors in FSTS", true, "0x0", "0x0"));
  }

  @Test
  void aQueueErrorIsTold() {
    queue(QUEUE);
    register(0x88, 4, 0x20);
    command(0x0f, 0);
    command(WAIT, 0x20000);
    assertThat(finish())
        .containsExactly(
            new CommandReplay.Check("IQH = IQT", false, "0x20", "0x0"),
            new CommandReplay.Check("queue errors in FSTS", false, "0x0", "0x10"));
  }

  @Test
  void rowsThatMakeNoSenseAreRefused() {
    queue(QUEUE);
    refused(() -> command(GLOBAL_CONTEXT, 0), "follows no write to IQT");
    refused(() -> replay.accept(new Row().text("ev", "dream")), "'ev' is 'dream'");
    refused(() -> register(0x88, 2, 0), "4 or 8 bytes, not 2");
    refused(
        () -> replay.accept(new Row().text("ev", "regwrite").text("offset", "x")),
        "'offset' is 'x'");
    register(0x88, 4, 0x10);
    command(GLOBAL_CONTEXT, 0);
    command(WAIT, 0x20000);
    refused(this::finish, "2 descriptors came with a tail step of 1 slots to 0x10");
  }

  @Test
  void aQueueOutsideRamIsRefused() {
    queue(0xF000_0000L);
    register(0x88, 4, 0x10);
    command(GLOBAL_CONTEXT, 0);
    refused(this::finish, "slot at 0xf0000000 is outside RAM");
  }

  private static void refused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.MALFORMED))
        .hasMessageContaining(message);
  }
}
