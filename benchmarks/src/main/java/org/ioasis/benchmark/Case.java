package org.ioasis.benchmark;

import java.util.Map;
import java.util.TreeMap;

/**
 * One thing to measure: a JMH benchmark with its parameters and the figure that counts.
 *
 * @param type class of the benchmark
 * @param method its method
 * @param parameters values of its {@code @Param} fields
 * @param figure what is taken from a run
 */
record Case(Class<?> type, String method, Map<String, String> parameters, Figure figure) {
  /** What is taken from a run. */
  enum Figure {
    /** Processor time of the measuring thread per operation, in nanoseconds. */
    CPU,
    /** Elapsed time per operation, in nanoseconds: for work that waits. */
    ELAPSED,
    /** The 99th percentile of the elapsed time of an operation, in nanoseconds. */
    P99,
    /** Bytes allocated per operation. */
    BYTES
  }

  Case {
    parameters = Map.copyOf(parameters);
  }

  /** Processor time of a benchmark without parameters. */
  static Case of(Class<?> type, String method) {
    return new Case(type, method, Map.of(), Figure.CPU);
  }

  /** The same with one more parameter. */
  Case with(String parameter, String value) {
    Map<String, String> more = new TreeMap<>(parameters);
    more.put(parameter, value);
    return new Case(type, method, more, figure);
  }

  /** The same with another figure. */
  Case taking(Figure other) {
    return new Case(type, method, parameters, other);
  }

  /** For people: {@code WalkBenchmark.dependent footprint=L2}. */
  String label() {
    StringBuilder label = new StringBuilder(type.getSimpleName()).append('.').append(method);
    new TreeMap<>(parameters)
        .forEach((name, value) -> label.append(' ').append(name).append('=').append(value));
    return label.toString();
  }
}
