package org.ioasis.testing;

import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/**
 * Records every finished test that covers a requirement. Registered as a service, so each JUnit
 * Platform run that has this module on its class path uses it, for Jupiter, jqwik and JUnit 4 tests
 * alike. A test that was skipped or aborted is not recorded.
 */
public final class RequirementListener implements TestExecutionListener {
  private final RequirementLog log;

  /** Used by the JUnit Platform. */
  public RequirementListener() {
    this(RequirementLog.ofThisProcess());
  }

  RequirementListener(RequirementLog log) {
    this.log = log;
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    TestSource source = test.getSource().orElse(null);
    if (!test.isTest()
        || !(source instanceof MethodSource method)
        || result.getStatus() == TestExecutionResult.Status.ABORTED) {
      return;
    }
    record(method, result.getStatus() == TestExecutionResult.Status.SUCCESSFUL);
  }

  private void record(MethodSource source, boolean passed) {
    log.record(source.getJavaClass(), source.getJavaMethod(), passed);
  }
}
