package org.ioasis.shell.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.ioasis.api.command.Command;
import org.ioasis.shell.FakeUnit;
import org.ioasis.shell.Streams;
import org.ioasis.shell.run.CommandRunner;
import org.ioasis.shell.text.Json;
import org.ioasis.shell.unit.UnitBoard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the units of the platform say. */
@Timeout(20)
class UnitCommandsTest {
  private final Streams streams = new Streams();
  private final UnitBoard units = new UnitBoard();

  private int run(Command command, String... arguments) {
    return new CommandRunner(false).run("probe", command, streams, Arrays.asList(arguments));
  }

  @Test
  void unitsAreListedWithWhatHasCounted() {
    units.bind(new FakeUnit("b1", "kind"));
    units.bind(new FakeUnit("a0", "kind"));
    assertThat(run(new UnitsCommand(units, List::of, null))).isZero();
    assertThat(streams.outText().lines())
        .containsExactly(
            "UNIT  KIND  PROFILE  COUNTERS",
            "a0    kind  board    faults.lost=3",
            "b1    kind  board    faults.lost=3");
  }

  @Test
  void noUnitsIsARemarkNotAnAnswer() {
    assertThat(run(new UnitsCommand(units, List::of, null))).isZero();
    assertThat(streams.outText()).isEmpty();
    assertThat(streams.errText()).startsWith("no units; ");
  }

  @Test
  void unitsAsJsonTellAll() {
    units.bind(new FakeUnit("a0", "kind"));
    assertThat(run(new UnitsCommand(units, List::of, null), "--json")).isZero();
    assertThat(Json.read("answer", streams.outText()))
        .hasToString(
            "[{\"id\":\"a0\",\"kind\":\"kind\",\"profile\":\"board\","
                + "\"unit\":{\"enabled\":false,\"root\":\"0x1000\"},"
                + "\"counters\":{\"faults.lost\":3,\"iotlb.hits\":0}}]");
  }

  @Test
  void oneUnitInThreeSections() {
    units.bind(new FakeUnit("a0", "kind"));
    assertThat(run(new UnitCommand(units, List::of, null), "a0")).isZero();
    assertThat(streams.outText().lines())
        .containsExactly(
            "a0: kind, profile board",
            "identification",
            "  CAP  0xd2",
            "  VER  0x10",
            "state",
            "  enabled  false",
            "  root     0x1000",
            "counters",
            "  faults.lost  3",
            "  iotlb.hits   0");
  }

  @Test
  void anUnknownUnitIsRefusedWithTheNearest() {
    units.bind(new FakeUnit("unit0", "kind"));
    assertThat(run(new UnitCommand(units, List::of, null), "unit1")).isEqualTo(2);
    assertThat(streams.errText())
        .isEqualTo("ioasis: probe: there is no unit unit1; did you mean unit0?\n");
  }
}
