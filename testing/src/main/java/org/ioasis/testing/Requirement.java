package org.ioasis.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says which requirements a test covers. On a class it holds for every test method of the class, in
 * addition to what the methods name themselves.
 *
 * <p>{@link RequirementListener} records the result when the test is executed, so a requirement
 * counts as covered only by tests that ran.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface Requirement {
  /** The numbers of the requirements, each 1 or above. */
  int[] value();
}
