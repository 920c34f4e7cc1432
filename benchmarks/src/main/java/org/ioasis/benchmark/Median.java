package org.ioasis.benchmark;

import java.util.Arrays;

/** Medians of what was measured; what is missing (NaN) does not count. */
final class Median {
  private Median() {}

  /** The median, NaN if there is nothing. */
  static double of(double[] values) {
    double[] sorted = Arrays.stream(values).filter(v -> !Double.isNaN(v)).sorted().toArray();
    int n = sorted.length;
    if (n == 0) {
      return Double.NaN;
    }
    return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
  }

  /** The median of the quotients round by round. */
  static double ofRatios(double[] product, double[] floor) {
    double[] ratios = new double[product.length];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = product[i] / floor[i];
    }
    return of(ratios);
  }
}
