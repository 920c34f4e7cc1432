package org.ioasis.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordingStream;
import org.ioasis.allocator.core.Allocator;
import org.ioasis.allocator.core.Client;
import org.ioasis.allocator.core.Clients;
import org.ioasis.allocator.core.ListenerOptions;
import org.ioasis.allocator.core.Surroundings;
import org.ioasis.api.IoasisException;
import org.ioasis.api.command.CommandContext;
import org.ioasis.api.ioasid.AllocationRequest;
import org.ioasis.api.ioasid.IoasidListener;
import org.ioasis.api.ioasid.IoasidSet;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.api.ioasid.SetToken;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IoasidCommandTest {
  private final SystemTime time = new SystemTime();
  private final Records records = new Records();
  private final Client client =
      new Clients(
              new Allocator(
                  new Surroundings(
                      time, Runnable::run, () -> {}, records, 1000, 1_000_000_000, 16, false),
                  1024,
                  100))
          .client(1, "test");
  private final IoasidSet set = client.allocateSet(new SetToken("vm", 42), 8);
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @AfterEach
  void end() {
    time.close();
  }

  private int run(String... words) {
    out.reset();
    PrintStream answer = new PrintStream(out, true, StandardCharsets.UTF_8);
    PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8);
    CommandContext context =
        new CommandContext() {
          @Override
          public PrintStream out() {
            return answer;
          }

          @Override
          public PrintStream err() {
            return errors;
          }

          @Override
          public Path folder() {
            return Path.of("");
          }

          @Override
          public boolean interactive() {
            return false;
          }
        };
    return new IoasidCommand(client).run(context, Arrays.asList(words));
  }

  private String answer() {
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void listsSetsIdsAndHolders() {
    Pasid id = set.allocate(AllocationRequest.within(List.of()).as(0x4d));
    set.lease(id, "a \"holder\"");
    assertThat(run("sets")).isZero();
    assertThat(answer().lines().toList())
        .containsExactly(
            "SET  TOKEN       PARENT  STATE   QUOTA  INUSE  CHILDREN",
            "1    system:0x0  -       ACTIVE  100    0      0",
            "2    vm:0x2a     -       ACTIVE  8      1      0");
    assertThat(run("ids", "2", "--json")).isZero();
    assertThat(answer())
        .isEqualTo(
            "[{\"id\": \"0x1\", \"set\": 2, \"guest\": \"0x4d\", \"state\": \"ACTIVE\","
                + " \"leases\": 1, \"bindings\": 0}]\n");
    assertThat(run("holders", "0x1", "--json")).isZero();
    assertThat(answer()).contains("\"a \\\"holder\\\"\"", "\"bundle\": \"test\"");
    assertThat(run("leaks")).isZero();
    assertThat(answer()).isEmpty();
    assertThat(run("free", "1")).isZero();
    assertThat(run("leaks")).isOne();
    assertThat(answer()).contains("0x1", "holder");
  }

  @Test
  void changesAndRefuses() {
    assertThat(run("adjust", "2", "9")).isZero();
    assertThat(set.quota()).isEqualTo(9);
    assertThat(run("sing")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("usage: ioasid");
    assertThatThrownBy(() -> run("free", "77"))
        .isInstanceOf(IoasisException.class)
        .hasMessage("pasid 0x4d refused: it is free");
    assertThatThrownBy(() -> run("ids", "9")).hasMessageContaining("there is none");
    assertThatThrownBy(() -> run("adjust", "2", "x")).hasMessageContaining("not a number");
  }

  @Test
  void readsTheServicePropertiesOfAListener() {
    IoasidListener listener = (event, ack) -> {};
    ListenerOptions options =
        AllocatorComponent.options(
            listener,
            Map.of(
                IoasidListener.SET, "3",
                IoasidListener.TOKEN, "vm:0x2a",
                IoasidListener.ORDER, "DRAIN",
                IoasidListener.DELIVERY, "IMMEDIATE",
                IoasidListener.ACKNOWLEDGE, true));
    assertThat(options.sid()).isEqualTo(3);
    assertThat(options.token()).isEqualTo("vm:0x2a");
    assertThat(options.order()).isEqualTo(IoasidListener.Order.DRAIN);
    assertThat(options.delivery()).isEqualTo(IoasidListener.Delivery.IMMEDIATE);
    assertThat(options.acknowledges()).isTrue();
    ListenerOptions plain = AllocatorComponent.options(listener, Map.of());
    assertThat(plain.delivery()).isEqualTo(IoasidListener.Delivery.QUEUED);
    assertThat(plain.acknowledges()).isFalse();
  }

  @Test
  void eventsReachTheFlightRecorder() throws Exception {
    List<String> seen = new java.util.concurrent.CopyOnWriteArrayList<>();
    try (RecordingStream stream = new RecordingStream()) {
      stream.enable("org.ioasis.Ioasid");
      stream.onEvent("org.ioasis.Ioasid", event -> seen.add(event.getString("kind")));
      stream.startAsync();
      set.free(set.allocate(AllocationRequest.within(List.of())));
      for (int i = 0; i < 200 && seen.size() < 3; i++) {
        Thread.sleep(50);
      }
    }
    assertThat(seen).containsExactly("Allocated", "Freed", "Reclaimed");
  }
}
