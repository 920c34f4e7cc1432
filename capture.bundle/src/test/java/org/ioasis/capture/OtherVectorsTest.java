package org.ioasis.capture;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import org.ioasis.capture.command.Console;
import org.ioasis.capture.command.VectorsCommand;
import org.ioasis.capture.command.Workbench;
import org.ioasis.capture.replay.Laboratory;
import org.ioasis.machine.DefaultMachineFactory;
import org.ioasis.smmuv3.hardware.SmmuFactory;
import org.ioasis.vtd.hardware.VtdFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Vectors of the documented kinds that the given files do not hold: random structures, valid and
 * damaged, and what QEMU 10.0.2 (no guest, driven over {@code -qtest}, DMA by its edu device)
 * answered to each request. VT-d: scalable mode with second and first stage, 39 and 48 bits, snoop
 * control, no 1 GiB pages, caching mode. SMMUv3: 4K, 16K and 64K granules, two-level stream tables,
 * both ranges with TBI, nested translation.
 *
 * <p>Of the vectors made, those that meet a documented deviation of QEMU were left out; IPA bits
 * 11:0, which QEMU keeps in a record, are marked with {@code spec_words}.
 */
class OtherVectorsTest {
  private static final Path FILES =
      Path.of("src/test/resources/vectors").toAbsolutePath().normalize();

  private final Laboratory laboratory =
      new Workbench(new DefaultMachineFactory(), List.of(new VtdFactory(), new SmmuFactory()));

  @ParameterizedTest
  @CsvSource({"vtd-qemu10.jsonl.gz, 868", "smmuv3-qemu10.jsonl.gz, 904"})
  void answersOfOtherConfigurationsAgree(String file, int checks) {
    Console console = new Console(FILES);
    int status = console.run(new VectorsCommand(laboratory), file, "--json");
    ObjectNode json = console.json();
    assertThat(json.get("mismatches")).isEmpty();
    assertThat(json.get("failed").intValue()).isZero();
    assertThat(json.get("passed").intValue()).isEqualTo(checks);
    assertThat(status).isZero();
  }
}
