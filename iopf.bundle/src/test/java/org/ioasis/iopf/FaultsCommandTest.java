package org.ioasis.iopf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import jdk.jfr.consumer.RecordingStream;
import org.ioasis.api.Blob;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.FaultAnswer;
import org.ioasis.api.driver.FaultClass;
import org.ioasis.api.driver.FaultKind;
import org.ioasis.api.driver.FaultStage;
import org.ioasis.api.driver.RecoverableFault;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.api.driver.UnrecoverableFault;
import org.ioasis.api.explain.Explainer;
import org.ioasis.api.explain.Explanation;
import org.ioasis.api.explain.Step;
import org.ioasis.api.explain.Step.FieldValue;
import org.ioasis.api.fault.FaultHandler;
import org.ioasis.api.fault.FaultOrigin;
import org.ioasis.api.fault.FaultQueue;
import org.ioasis.api.fault.FaultResponse;
import org.ioasis.api.fault.Route;
import org.ioasis.api.fault.RoutingTable;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.TimeSource;
import org.ioasis.iopf.core.Client;
import org.ioasis.iopf.core.Router;
import org.ioasis.iopf.core.Settings;
import org.ioasis.iopf.core.Surroundings;
import org.ioasis.iopf.core.Turn;
import org.ioasis.machine.time.Idler;
import org.ioasis.machine.time.SimulatedTime;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What people see of faults: the command, the log, the flight recorder. */
class FaultsCommandTest {
  private final SimulatedTime time = new SimulatedTime(Idler.NONE);
  private final List<Turn> turns = new ArrayList<>();
  private final Router router =
      new Router(new Surroundings(turns::add, new Records(), Settings.DEFAULT));
  private final Client client = router.client(42);
  private final FaultQueue queue = client.createQueue(8);
  private final List<DmaRequest> explained = new ArrayList<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Logger logger = (Logger) LoggerFactory.getLogger(Records.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeEach
  void start() {
    router.setOrigin(new Origin(queue.handle()));
    log.start();
    logger.addAppender(log);
    logger.setAdditive(false);
    logger.setLevel(Level.WARN);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(log);
    logger.setAdditive(true);
  }

  /** One device with a handler and one with a queue. */
  private final class Origin implements FaultOrigin {
    private final RoutingTable table;

    Origin(Handle<FaultQueue> to) {
      table =
          new RoutingTable(
              9,
              List.of(
                  Route.of(RoutingKey.of(0x20), device(5), 0xCAFE, domain(7), 3),
                  new Route(
                      new RoutingKey(0x28, 1), device(6), 1, domain(8), to, true, 2_000_000, 9)));
    }

    private static Handle<Device> device(int id) {
      return new Handle<>(Device.class, id, 0, 1);
    }

    private static Handle<Domain> domain(int id) {
      return new Handle<>(Domain.class, id, 0, 1);
    }

    @Override
    public RoutingTable routes() {
      return table;
    }

    @Override
    public BatchResult respond(List<FaultAnswer> answers) {
      return BatchResult.all(answers.size());
    }

    @Override
    public SyncResult drain(int sourceId, int pasid) {
      return SyncResult.COMPLETE;
    }

    @Override
    public boolean uses(Handle<FaultQueue> handle) {
      return true;
    }

    @Override
    public TimeSource time() {
      return time;
    }
  }

  private static RecoverableFault request(int source, int pasid, int group) {
    return new RecoverableFault(
        FaultKind.PAGE_REQUEST,
        source,
        pasid,
        0x7000,
        1,
        false,
        group,
        true,
        FaultStage.UNKNOWN,
        FaultClass.UNKNOWN,
        0,
        new Blob("test", ByteBuffer.allocate(0)),
        0);
  }

  private static UnrecoverableFault broken(int access) {
    return new UnrecoverableFault(
        0x20,
        DmaRequest.NO_PASID,
        0xdead000,
        access,
        true,
        5,
        "LGN.5",
        FaultStage.UNKNOWN,
        FaultClass.DATA,
        0,
        2,
        new Blob("test", ByteBuffer.allocate(0)),
        0);
  }

  private void settle() {
    while (!turns.isEmpty()) {
      turns.remove(0).run();
    }
  }

  private int run(String... words) {
    out.reset();
    PrintStream answer = new PrintStream(out, true, StandardCharsets.UTF_8);
    PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8);
    return new FaultsCommand(client, this::explainer)
        .run(new TestContext(answer, errors), Arrays.asList(words));
  }

  private Optional<Explainer> explainer(String unitId) {
    return unitId.equals("dmar0") ? Optional.of(this::explain) : Optional.empty();
  }

  private Explanation explain(DmaRequest request) {
    explained.add(request);
    return new Explanation(
        List.of(new Step("root-entry[00]", 0x1000, List.of(0L), List.of(new FieldValue("P", "0")))),
        "P is 0",
        Answer.fault(5),
        "LGN.5",
        "not present",
        null,
        "");
  }

  private List<String> answer() {
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void listsRoutesGroupsQueuesAndCounters() {
    router.addHandler(group -> {}, 7, "keeper", 0, 1);
    router.sink("dmar0").recoverable(request(0x20, DmaRequest.NO_PASID, 1));
    router.sink("dmar1").recoverable(request(0x28, 3, 2));
    settle();
    time.advance(1_500_000);
    assertThat(run("routes")).isZero();
    assertThat(answer())
        .containsExactly(
            "SOURCE  PASID  LABEL   DEVICE  DOMAIN  QUEUE  EVERYPASID  TIMEOUTMICROS  VERSION",
            "0x20    -      0xcafe  5       7       -      false       0              3",
            "0x28    0x1    0x1     6       8       1      true        2000           9");
    assertThat(run("groups", "--json")).isZero();
    assertThat(answer())
        .containsExactly(
            "[{\"unit\": \"dmar0\", \"place\": \"0x20\", \"label\": \"0xcafe\", \"domain\": 7,"
                + " \"cookie\": 1, \"with\": \"keeper\", \"addresses\": \"0x7000\","
                + " \"waitedMicros\": 1500, \"leftMicros\": 98500}]");
    assertThat(run("queues")).isZero();
    assertThat(answer())
        .containsExactly(
            "QUEUE  BUNDLE  CAPACITY  UNREAD  UNANSWERED  OVERFLOWS",
            "1      42      8         0       0           0");
    assertThat(run("counters")).isZero();
    assertThat(answer())
        .anyMatch(line -> line.matches("received +2"))
        .anyMatch(line -> line.matches("unrouted +1"))
        .anyMatch(line -> line.matches("open +1"));
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertThat(run("sing")).isEqualTo(2);
    assertThat(run()).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("usage: faults");
    assertThatThrownBy(() -> run("explain", "1"))
        .isInstanceOf(IoasisException.class)
        .hasMessageContaining("there is none");
    assertThatThrownBy(() -> run("explain", "x")).hasMessageContaining("not a number");
  }

  @Test
  @Requirement({48, 63})
  void reportsAreListedAndExplained() {
    router.sink("dmar0").unrecoverable(broken(DmaRequest.WRITE));
    router.sink("gone").unrecoverable(broken(0));
    assertThat(run("reports")).isZero();
    assertThat(answer().get(1))
        .isEqualTo(
            "1       dmar0  0x20    -      0xcafe  7       0xdead000  privileged write of 0xdead000"
                + " refused by the translation: LGN.5   2        0");
    assertThat(run("explain", "1")).isZero();
    assertThat(answer())
        .anyMatch(line -> line.matches("step +root-entry.00. at 0x1000: P=0"))
        .anyMatch(line -> line.matches("check +P is 0"))
        .anyMatch(line -> line.matches("now +FAULT 0x5"))
        .anyMatch(line -> line.matches("meaning +not present"));
    assertThat(explained.get(0).iova()).isEqualTo(0xdead000);
    assertThat(explained.get(0).access()).isEqualTo(DmaRequest.WRITE);
    assertThat(explained.get(0).isPrivileged()).isTrue();
    assertThatThrownBy(() -> run("explain", "2")).hasMessageContaining("unit gone is not there");
  }

  @Test
  @Requirement(48)
  void theLogIsLimitedAndSaysWhatItLeftOut() {
    for (int i = 0; i < 15; i++) {
      router.sink("dmar0").unrecoverable(broken(DmaRequest.WRITE));
    }
    time.advance(100_000_000);
    router.sink("dmar0").unrecoverable(broken(DmaRequest.WRITE));
    assertThat(log.list).hasSize(11);
    assertThat(log.list.get(0).getFormattedMessage())
        .isEqualTo(
            "dmar0: device 0x20 (label 0xcafe): privileged write of 0xdead000 refused by the"
                + " translation: LGN.5");
    assertThat(log.list.get(10).getFormattedMessage()).endsWith("; 5 suppressed before");
    router.sink("dmar0").lost(true, 3);
    router.sink("dmar0").lost(true, 3);
    assertThat(log.list).as("trouble is logged once").hasSize(12);
  }

  @Test
  void groupsAndReportsReachTheFlightRecorder() throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    router.addHandler(group -> group.complete(FaultResponse.SUCCESS), 7, "quick", 0, 1);
    try (RecordingStream stream = new RecordingStream()) {
      for (String event : List.of("PageFaultGroup", "DmaFault", "FaultsLost")) {
        stream.enable("org.ioasis." + event);
      }
      stream.onEvent(
          "org.ioasis.PageFaultGroup",
          e -> seen.add(e.getString("response") + " by " + e.getString("by")));
      stream.onEvent("org.ioasis.DmaFault", e -> seen.add(e.getString("unit")));
      stream.onEvent("org.ioasis.FaultsLost", e -> seen.add("lost " + e.getLong("atLeast")));
      stream.startAsync();
      router.sink("dmar0").recoverable(request(0x20, DmaRequest.NO_PASID, 1));
      settle();
      router.sink("dmar0").unrecoverable(broken(1));
      router.sink("dmar0").lost(false, 4);
      for (int i = 0; i < 200 && seen.size() < 3; i++) {
        Thread.sleep(50);
      }
    }
    assertThat(seen).containsExactlyInAnyOrder("SUCCESS by quick", "dmar0", "lost 4");
  }

  @Test
  void readsTheServicePropertiesOfAHandler() {
    assertThat(IopfComponent.domain(Map.of(FaultHandler.DOMAIN, 7))).contains(7);
    assertThat(IopfComponent.domain(Map.of(FaultHandler.DOMAIN, "7"))).contains(7);
    assertThat(IopfComponent.domain(Map.of(FaultHandler.DOMAIN, 7L))).contains(7);
    assertThat(IopfComponent.domain(Map.of(FaultHandler.DOMAIN, "seven"))).isEmpty();
    assertThat(IopfComponent.domain(Map.of())).isEmpty();
  }
}
