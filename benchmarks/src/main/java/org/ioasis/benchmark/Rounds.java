package org.ioasis.benchmark;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs cases in interleaved rounds: in every round each case gets one fresh virtual machine, floors
 * and products in turn, so that a disturbance of a minute meets both sides of a ratio.
 */
final class Rounds {
  private static final int WARNS_OF_UNSAFE = 24;

  private final boolean full;
  private final int rounds;
  private final int warmups;
  private final int measurements;
  private final TimeValue time;
  private final PrintStream progress;
  private final Map<Case, double[]> figures = new LinkedHashMap<>();

  /**
   * @param full whether to take the time it needs instead of a few minutes
   * @param progress where to tell what is under way
   */
  Rounds(boolean full, PrintStream progress) {
    this.full = full;
    this.rounds = full ? 9 : 3;
    this.warmups = full ? 8 : 5;
    this.measurements = full ? 10 : 5;
    this.time = TimeValue.milliseconds(full ? 500 : 100);
    this.progress = progress;
  }

  /** Number of rounds. */
  int count() {
    return rounds;
  }

  /**
   * Runs all cases of a group; each case once per round, whatever the number of its mentions. What
   * only informs is run in the first round alone, unless there is time for everything.
   */
  void run(GoalTable.Group group) {
    for (int round = 0; round < rounds; round++) {
      for (Case one : group.cases(round == 0 || full)) {
        progress.printf("%s, round %d of %d: %s%n", group.name(), round + 1, rounds, one.label());
        double[] all = figures.computeIfAbsent(one, c -> nothing());
        if (Double.isNaN(all[round])) {
          all[round] = once(one);
        }
      }
    }
  }

  private double[] nothing() {
    double[] none = new double[rounds];
    Arrays.fill(none, Double.NaN);
    return none;
  }

  /** The figures of a case by round; NaN where it failed. */
  double[] of(Case one) {
    return figures.getOrDefault(one, nothing()).clone();
  }

  /** Everything measured so far. */
  Map<Case, double[]> all() {
    return figures;
  }

  private static String[] jvmArguments() {
    List<String> arguments =
        new ArrayList<>(List.of("-Xms1g", "-Xmx1g", "-XX:+UseTransparentHugePages"));
    if (Runtime.version().feature() >= WARNS_OF_UNSAFE) {
      arguments.add("--sun-misc-unsafe-memory-access=allow"); // JMH uses it
    }
    return arguments.toArray(String[]::new);
  }

  private double once(Case one) {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("^" + one.type().getName().replace(".", "\\.") + "\\." + one.method() + "$")
            .forks(1)
            .warmupIterations(warmups)
            .warmupTime(time)
            .measurementIterations(measurements)
            .measurementTime(time)
            .jvmArgsAppend(jvmArguments())
            .shouldFailOnError(false)
            .verbosity(VerboseMode.SILENT);
    one.parameters().forEach((name, value) -> options.param(name, value));
    options.addProfiler(one.figure() == Case.Figure.BYTES ? GCProfiler.class : CpuTime.class);
    try {
      List<Double> iterations = new ArrayList<>();
      for (RunResult run : new Runner(options.build()).run()) {
        for (BenchmarkResult fork : run.getBenchmarkResults()) {
          for (IterationResult iteration : fork.getIterationResults()) {
            iterations.add(figure(iteration, one.figure()));
          }
        }
      }
      return Median.of(iterations.stream().mapToDouble(Double::doubleValue).toArray());
    } catch (RunnerException e) {
      progress.printf("%s failed: %s%n", one.label(), e.getMessage());
      return Double.NaN;
    }
  }

  private static double figure(IterationResult iteration, Case.Figure figure) {
    if (figure == Case.Figure.P99) {
      return iteration.getPrimaryResult().getStatistics().getPercentile(99);
    }
    if (figure == Case.Figure.ELAPSED) {
      return iteration.getPrimaryResult().getScore();
    }
    String name = figure == Case.Figure.BYTES ? "gc.alloc.rate.norm" : CpuTime.RESULT;
    for (String label : iteration.getSecondaryResults().keySet()) {
      if (label.endsWith(name)) {
        return iteration.getSecondaryResults().get(label).getScore();
      }
    }
    return Double.NaN;
  }
}
