package org.ioasis.capture.replay;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Counts checks: passed, failed, set apart, and how many of each class of outcome.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class Score {
  private final Consumer<Mismatch> sink;
  private final TreeMap<String, Long> classes = new TreeMap<>();
  private long passed;
  private long failed;
  private long setApart;

  /**
   * @param sink takes each mismatch as it is found
   */
  public Score(Consumer<Mismatch> sink) {
    this.sink = sink;
  }

  /**
   * Counts one check.
   *
   * @param outcome class of the recorded outcome
   * @param agrees whether ours agrees with it
   * @param mismatch made and told only if it does not
   */
  void check(String outcome, boolean agrees, java.util.function.Supplier<Mismatch> mismatch) {
    classes.merge(outcome, 1L, Long::sum);
    if (agrees) {
      passed++;
    } else {
      failed++;
      sink.accept(mismatch.get());
    }
  }

  /** Counts one that is neither passed nor failed, because the recorded answer is no law. */
  void setApart() {
    setApart++;
  }

  /** Checks that agreed. */
  public long passed() {
    return passed;
  }

  /** Checks that did not. */
  public long failed() {
    return failed;
  }

  /** Steps that were not checked because the recorded answer is a known deviation. */
  public long setAside() {
    return setApart;
  }

  /** Checks by class of the recorded outcome. */
  public Map<String, Long> classes() {
    return Collections.unmodifiableMap(classes);
  }
}
