package org.ioasis.api.explain;

import java.util.List;
import java.util.Objects;
import org.ioasis.api.inspect.Answer;

/**
 * The story of one request.
 *
 * @param steps the structures read, in order
 * @param check the check that decided, in the specification's terms
 * @param result the outcome from registers and memory
 * @param faultName the fault's name if there is one, else empty
 * @param meaning what the fault means, or why the request was blocked; else empty
 * @param cached the outcome that the caches would give now, or null if they hold nothing for it
 * @param stale empty, or the difference between {@code cached} and {@code result} and the
 *     invalidation that would remove it
 */
public record Explanation(
    List<Step> steps,
    String check,
    Answer result,
    String faultName,
    String meaning,
    Answer cached,
    String stale) {
  /** Copies the list; texts are never null. */
  public Explanation {
    steps = List.copyOf(steps);
    Objects.requireNonNull(check, "check");
    Objects.requireNonNull(result, "result");
    Objects.requireNonNull(faultName, "faultName");
    Objects.requireNonNull(meaning, "meaning");
    Objects.requireNonNull(stale, "stale");
  }
}
