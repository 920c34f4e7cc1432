package org.ioasis.iopf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.iopf.Platform.NO_PASID;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.device.Device;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.driver.UnrecoverableFault;
import org.ioasis.api.engine.DmaEngine;
import org.ioasis.api.engine.EngineSpec;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.fault.FaultReport;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.iopf.Platform.Vendor;
import org.ioasis.machine.engine.DefaultEngineFactory;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/**
 * Faults that nobody can mend, from real units: each is reported with its label, in words, logged
 * within a rate, and explained from the structures in memory.
 */
class ReportedFaultsTest {
  private static final int SOURCE = 0x28;
  private static final long TEXT = 0x4000_0000L;

  private final Platform on = new Platform(Scheduler.Mode.STEPS);
  private final Logger logger = (Logger) LoggerFactory.getLogger(Records.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private DmaEngine disk;
  private Device device;

  @BeforeEach
  void listen() {
    log.start();
    logger.addAppender(log);
    logger.setAdditive(false);
    logger.setLevel(Level.WARN);
  }

  @AfterEach
  void close() throws Exception {
    logger.detachAppender(log);
    logger.setAdditive(true);
    disk.close();
    on.close();
  }

  /** A device without page requests behind a table with four pages that can be read. */
  private void attached(Vendor vendor) {
    on.unit("unit0", vendor);
    disk =
        new DefaultEngineFactory()
            .create(on.machine, EngineSpec.of(EndpointSpec.plain("disk", SOURCE)));
    device = on.bind(disk);
    AddressSpace space = on.space("buffers");
    Platform.map(space, on.onDemand("text", 4), TEXT, DmaRequest.READ);
    Platform.attach(device, space, NO_PASID);
  }

  private TransferStatus store(long address) {
    TransferStatus status = Platform.store(disk.channel(), NO_PASID, address, 1);
    on.settle();
    return status;
  }

  private List<String> faults(String... words) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    assertThat(
            new FaultsCommand(on.faults, on::explainer)
                .run(new TestContext(out, out), List.of(words)))
        .isZero();
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @ParameterizedTest
  @EnumSource(value = Vendor.class, mode = EnumSource.Mode.EXCLUDE, names = "SMMUV3_STALL")
  @Requirement({6, 48, 63, 66})
  void eachIsDecodedLoggedAndExplained(Vendor vendor) {
    attached(vendor);
    assertThat(store(0x5000)).as("nothing is mapped there").isEqualTo(TransferStatus.FAULT);
    assertThat(store(TEXT + 0x1000)).as("it can only be read").isEqualTo(TransferStatus.FAULT);
    List<FaultReport> reports = on.faults.reports();
    assertThat(reports).hasSize(2);
    List<String> checks = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      long address = i == 0 ? 0x5000 : TEXT + 0x1000;
      FaultReport report = reports.get(i);
      UnrecoverableFault fault = report.fault();
      assertThat(report.label()).isEqualTo(0xA0000 + SOURCE);
      assertThat(report.device()).contains(device.handle());
      assertThat(fault.address() & -Platform.PAGE).isEqualTo(address);
      assertThat(report.meaning())
          .startsWith("write of 0x%x".formatted(fault.address()))
          .contains(" refused by ")
          .contains(fault.name())
          .doesNotContain("guest physical address 0x0");
      assertThat(log.list.get(i).getFormattedMessage())
          .isEqualTo("unit0: device 0x28 (label 0xa0028): " + report.meaning());
      List<String> story = faults("explain", Integer.toString(i + 1));
      assertThat(story).anyMatch(line -> line.startsWith("recorded"));
      assertThat(story).filteredOn(line -> line.startsWith("step")).hasSizeGreaterThan(2);
      assertThat(story)
          .as("the structures still say what the unit recorded")
          .anyMatch(line -> line.matches("now +FAULT 0x[0-9a-f]+"));
      checks.add(story.stream().filter(line -> line.startsWith("check")).findFirst().orElseThrow());
      assertThat(story).noneMatch(line -> line.startsWith("stale"));
    }
    assertThat(checks).as("which check refused").doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @EnumSource(value = Vendor.class, mode = EnumSource.Mode.EXCLUDE, names = "SMMUV3_STALL")
  @Requirement({48, 50, 66})
  void aFloodIsLoggedWithinARateAndTheRestIsCounted(Vendor vendor) {
    attached(vendor);
    for (int i = 0; i < 100; i++) {
      assertThat(store(0x5000 + i * Platform.PAGE)).isEqualTo(TransferStatus.FAULT);
    }
    int lines = log.list.size();
    assertThat(lines).isBetween(1, 20);
    on.advance(1_000_000_000);
    assertThat(store(0x5000)).isEqualTo(TransferStatus.FAULT);
    assertThat(log.list).hasSize(lines + 1);
    assertThat(log.list.get(lines).getFormattedMessage()).contains("suppressed before");
    FaultReport last = on.faults.reports().get(on.faults.reports().size() - 1);
    assertThat(last.suppressed() + lines + on.counter("lost.unrecoverable"))
        .isGreaterThanOrEqualTo(100);
  }
}
