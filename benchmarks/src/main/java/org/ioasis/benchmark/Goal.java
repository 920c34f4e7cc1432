package org.ioasis.benchmark;

import java.util.Objects;

/**
 * One line of the table of goals.
 *
 * @param item what is measured over what
 * @param product the platform's work, or null while it does not exist
 * @param floor what it is compared with, or null: then the product's figure itself counts
 * @param must largest ratio that is good enough; NaN where a line only informs
 * @param aim largest ratio that is good; NaN where a line only informs
 */
record Goal(String item, Case product, Case floor, double must, double aim) {
  Goal {
    Objects.requireNonNull(item, "item");
  }

  /** A goal with a product and a floor. */
  static Goal ratio(String item, Case product, Case floor, double must, double aim) {
    return new Goal(item, product, Objects.requireNonNull(floor, "floor"), must, aim);
  }

  /** A ratio without a goal: it explains others. */
  static Goal note(String item, Case product, Case floor) {
    return new Goal(item, product, floor, Double.NaN, Double.NaN);
  }

  /** A goal whose product does not exist yet; the floor may. */
  static Goal notBuilt(String item, Case floor, double must, double aim) {
    return new Goal(item, null, floor, must, aim);
  }

  /** Whether it has no goal and only informs. */
  boolean isNote() {
    return Double.isNaN(must);
  }

  /** Whether there is something to compare. */
  boolean isBuilt() {
    return product != null;
  }

  /** The verdict on a median ratio. */
  String verdict(double ratio) {
    if (!isBuilt()) {
      return "not built yet";
    }
    if (Double.isNaN(ratio)) {
      return "broken";
    }
    if (isNote()) {
      return "for information";
    }
    if (ratio <= aim) {
      return "aim";
    }
    return ratio <= must ? "must" : "MISSED";
  }
}
