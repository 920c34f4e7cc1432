package org.ioasis.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.junit.jupiter.api.DynamicTest;

/**
 * A table of refusals: each row is a call on a fixture of its own, and the reason for which it is
 * refused, or null where it must pass.
 *
 * @param <B> the fixture
 */
public final class RefusalRows<B> {
  /**
   * What is refused.
   *
   * @param <B> the fixture
   */
  @FunctionalInterface
  public interface Call<B> {
    /** Calls. */
    void on(B bench) throws Exception;
  }

  private record Row<B>(Reason reason, Call<B> call) {}

  private final Supplier<B> fixture;
  private final Map<String, Row<B>> rows = new LinkedHashMap<>();

  /** An empty table. */
  public RefusalRows(Supplier<B> fixture) {
    this.fixture = fixture;
  }

  /** Adds a row; names are unique. */
  public void add(String name, Reason reason, Call<B> call) {
    assertThat(rows.put(name, new Row<>(reason, call))).as(name).isNull();
  }

  /** A test for each row, in order. */
  public Stream<DynamicTest> tests() {
    return rows.entrySet().stream()
        .map(
            entry ->
                DynamicTest.dynamicTest(
                    entry.getKey(),
                    () ->
                        assertThat(refusal(entry.getValue().call))
                            .isEqualTo(entry.getValue().reason)));
  }

  private Reason refusal(Call<B> call) throws Exception {
    B bench = fixture.get();
    try {
      call.on(bench);
      return null;
    } catch (IoasisException e) {
      assertThat(e.getMessage()).isNotBlank();
      return e.reason();
    }
  }
}
