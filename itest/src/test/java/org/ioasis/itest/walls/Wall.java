package org.ioasis.itest.walls;

import com.tngtech.archunit.lang.ArchRule;
import java.util.function.Function;

/**
 * One wall between classes, and a violation of it.
 *
 * @param name what the wall says
 * @param planted a class below {@code planted} that breaks it
 * @param rule the rule for a house whose packages begin with the given name
 */
record Wall(String name, String planted, Function<String, ArchRule> rule) {
  @Override
  public String toString() {
    return name;
  }
}
