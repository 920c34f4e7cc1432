package org.ioasis.iopf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/**
 * Proves that the interleaving test can fail: a double or a lost answer is planted into a line of
 * the router, compiled in memory, loaded apart, and the exploration must find it. The router knows
 * nothing of it.
 */
class MutationsTest {
  private static final String CORE = "src/main/java/org/ioasis/iopf/core/";
  private static final String RACE = "answerAgainstTimeOutAgainstDetach";

  /** What is planted where, and which exploration must find it. */
  record Mutation(String what, String test, String file, String line, String changed) {
    @Override
    public String toString() {
      return what;
    }
  }

  static Stream<Mutation> mutations() {
    return Stream.of(
        new Mutation(
            "double answer: looked at, then set",
            RACE,
            "GroupCore.java",
            "    if (!ENDING.compareAndSet(this, null, how)) {\n      return false;\n    }",
            "    if (ending != null) {\n      return false;\n    }\n"
                + "    lane.openGroups();\n    ENDING.setVolatile(this, how);"),
        new Mutation(
            "double answer: the time-out asks nobody",
            RACE,
            "GroupCore.java",
            "    if (end(Ending.TIME_OUT, Send.LATER)) {",
            "    if (open()) {\n      lane.ended(this, Ending.TIME_OUT, Send.LATER);"),
        new Mutation(
            "double answer: two threads send one outbox",
            RACE,
            "Outbox.java",
            "        batch.add(pending.poll());",
            "        batch.add(pending.peek());\n        break;\n      }\n    }\n"
                + "    router.lane(-2).openGroups();\n    synchronized (pending) {\n"
                + "      if (!pending.isEmpty()) {\n        pending.poll();"),
        new Mutation(
            "lost answer: a time-out tells no one",
            RACE,
            "Lane.java",
            "    } else if (send == Send.LATER && how.told()) {\n      outbox.kick();\n    }",
            "    } else if (send == Send.LATER && how.told() && openGroups() > 0) {\n"
                + "      outbox.kick();\n    }"),
        new Mutation(
            "lost answer: the thread inside leaves without a look",
            RACE,
            "Turn.java",
            "(!more && change(RUNNING, IDLE))",
            "(long) STATE.getAndSet((TurnShared) this, IDLE) > 0"),
        new Mutation(
            "lost group: one that has ended still counts as a repetition",
            "answerAgainstWithdrawalAgainstTheNextUseOfTheTag",
            "Lane.java",
            "if (same != null && same.open()) {",
            "if (same != null) {"));
  }

  @Test
  void unchangedCodePassesWhenLoadedApart() throws Exception {
    assertThat(failures(new Apart(Map.of()), RACE)).isZero();
  }

  @ParameterizedTest
  @MethodSource("mutations")
  @Requirement({57, 60})
  void theExplorationFindsWhatIsPlanted(Mutation mutation) throws Exception {
    String file = CORE + mutation.file();
    String source = Files.readString(Path.of(file));
    assertThat(source.split(Pattern.quote(mutation.line()), -1))
        .as("places of %s", mutation.line())
        .hasSize(2);
    String changed = source.replace(mutation.line(), mutation.changed());
    assertThat(failures(new Apart(compile(mutation.file(), changed)), mutation.test()))
        .as(mutation.what())
        .isOne();
  }

  private static long failures(Apart apart, String test) throws Exception {
    Class<?> type = apart.loadClass(InterleavingTest.class.getName());
    SummaryGeneratingListener summary = new SummaryGeneratingListener();
    LauncherConfig config =
        LauncherConfig.builder().enableTestExecutionListenerAutoRegistration(false).build();
    LauncherFactory.create(config)
        .execute(
            LauncherDiscoveryRequestBuilder.request().selectors(selectMethod(type, test)).build(),
            summary);
    assertThat(summary.getSummary().getTestsStartedCount()).isOne();
    return summary.getSummary().getTestsFailedCount();
  }

  /** Compiles one changed file against the classes as they are. */
  private static Map<String, byte[]> compile(String file, String source) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    Map<String, ByteArrayOutputStream> made = new HashMap<>();
    JavaFileObject changed =
        new SimpleJavaFileObject(URI.create("string:///" + file), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    try (JavaFileManager files =
        new ForwardingJavaFileManager<JavaFileManager>(
            compiler.getStandardFileManager(null, null, null)) {
          @Override
          public JavaFileObject getJavaFileForOutput(
              Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("mem:///" + name), kind) {
              @Override
              public OutputStream openOutputStream() {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                made.put(name, out);
                return out;
              }
            };
          }
        }) {
      List<String> options =
          List.of("-proc:none", "-nowarn", "-classpath", System.getProperty("java.class.path"));
      assertThat(compiler.getTask(null, files, null, options, null, List.of(changed)).call())
          .as("%s compiles", file)
          .isTrue();
    }
    Map<String, byte[]> classes = new HashMap<>();
    made.forEach((name, out) -> classes.put(name, out.toByteArray()));
    return classes;
  }

  /** Loads the project's classes anew, some of them changed. */
  private static final class Apart extends ClassLoader {
    private final Map<String, byte[]> changed;

    Apart(Map<String, byte[]> changed) {
      super(MutationsTest.class.getClassLoader());
      this.changed = changed;
      setDefaultAssertionStatus(true);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith("org.ioasis.") || name.startsWith("org.ioasis.testing.")) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        return loaded != null ? loaded : define(name);
      }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      byte[] bytes = changed.get(name);
      try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
        byte[] code = bytes != null ? bytes : in == null ? null : in.readAllBytes();
        if (code == null) {
          throw new ClassNotFoundException(name);
        }
        return defineClass(name, code, 0, code.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }
}
