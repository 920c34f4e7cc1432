package org.ioasis.allocator.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/**
 * Proves that the tests of the requirements can fail: one line of the production code is changed,
 * compiled in memory, loaded apart from everything else, and the requirement's test must no longer
 * pass. The production code knows nothing of it.
 */
class MutationsTest {
  private static final String CORE = "src/main/java/org/ioasis/allocator/core/";
  private static final String API = "../api.bundle/src/main/java/org/ioasis/api/ioasid/";

  /** A line changed, and the test that must notice. */
  record Mutation(int requirement, String file, String line, String changed) {
    @Override
    public String toString() {
      return "%d: %s: %s".formatted(requirement, file.replaceAll(".*/", ""), changed);
    }
  }

  static Stream<Mutation> mutations() {
    return Stream.of(
        new Mutation(11, CORE + "Allocator.java", "max = Math.min(max, bound.max());", ""),
        new Mutation(12, CORE + "Sets.java", "books.counted(Counter.ALLOCATED) > 0", "false"),
        new Mutation(12, CORE + "Books.java", "int RESERVED = 1;", "int RESERVED = 0;"),
        new Mutation(12, CORE + "Sets.java", "set == null ? -1 : set.ids.next(total)", "-1"),
        new Mutation(13, API + "IdBound.java", "id.value() > max()", "false"),
        new Mutation(
            14, CORE + "Allocator.java", "sets.openSystem(systemQuota);", "sets.openSystem(9);"),
        new Mutation(15, CORE + "Allocator.java", "set.room() < 1", "set.room() < 0"),
        new Mutation(15, CORE + "Books.java", "tokens.containsKey(token)", "false"),
        new Mutation(16, CORE + "Books.java", "&& at.inUse == 0", ""),
        new Mutation(16, CORE + "Books.java", "addQuota(at.parent, -at.quota);", ""),
        new Mutation(16, CORE + "SetView.java", "set.ended ? null : data", "data"),
        new Mutation(17, CORE + "Books.java", "&& at.leases == 0", ""),
        new Mutation(18, CORE + "Sets.java", "entry.getValue() < used", "false"),
        new Mutation(18, CORE + "Sets.java", "expected != set.quota", "false"),
        new Mutation(18, CORE + "Sets.java", "top > books.total - Books.RESERVED", "false"),
        new Mutation(19, CORE + "SetCore.java", "quota - inUse - childQuota", "quota - inUse"),
        new Mutation(20, CORE + "SetView.java", "set.guests.host(old, -1);", ""),
        new Mutation(20, CORE + "Migration.java", "if (!taken.isEmpty()) {", "if (false) {"),
        new Mutation(20, CORE + "Allocator.java", "    if (host >= 0) {", "    if (false) {"),
        new Mutation(21, CORE + "Books.java", "&& StateWord.set(word) != set.sid", "&& false"),
        new Mutation(21, CORE + "IdTable.java", "|| StateWord.set(word) != set", ""),
        new Mutation(22, CORE + "IdBits.java", "id = next(id + 1);", "id = next(id + 2);"),
        new Mutation(23, CORE + "StateWord.java", "&& leases(word) == 0 && !is", "&& !is"),
        new Mutation(
            23, CORE + "Allocator.java", "books.leases.remove(lease)", "books.leases.get(lease)"),
        new Mutation(
            24, CORE + "CustomNumbers.java", "backs.add(new Back(chooser, id));", "turn.lock();"),
        new Mutation(
            24,
            CORE + "Listeners.java",
            "        one.call(ticket);",
            "        books.lock.lock(); try { one.call(ticket); } finally { books.lock.unlock(); }"),
        new Mutation(
            24,
            CORE + "Listeners.java",
            "tellReclaim(settlement);\n  }\n\n  /**\n   * Goes on",
            "tellReclaim(settlement); time.await(() -> settlement.settled, 1);\n  }\n\n  /**\n   * Goes on"),
        new Mutation(
            25,
            CORE + "SetView.java",
            "= table.find(id, sid);",
            "= allocator.locked(() -> table.find(id, sid));"),
        new Mutation(
            26,
            API + "IoasidService.java",
            "  /** The books. */",
            "  default Pasid allocate(AllocationRequest r) { return systemSet().allocate(r); }"),
        new Mutation(
            27,
            CORE + "Ticket.java",
            "case SET_FREE -> new IoasidEvent.SetFreed(sequence, sid, cause, token, destroyed);",
            "case SET_FREE -> new IoasidEvent.Adjusted(sequence, sid, cause, 0, 0);"),
        new Mutation(28, CORE + "Listeners.java", "time.await(one::isQuiet, timeoutNanos);", ""),
        new Mutation(
            29,
            CORE + "Allocator.java",
            "publisher.bound.remove(PublisherCore.key(id, word));",
            ""),
        new Mutation(30, CORE + "Listeners.java", "late.add(await.who.options.name());", ""),
        new Mutation(
            30,
            CORE + "Listeners.java",
            "time.schedule(timeoutNanos, () -> expire(s, stage));",
            ""),
        new Mutation(30, CORE + "Settlement.java", "left[who.order.ordinal()]++;", ""),
        new Mutation(31, CORE + "ListenerOptions.java", "(sid == 0 || sid == set) &&", ""),
        new Mutation(31, CORE + "ListenerOptions.java", "token.equals(owner.toString())", "true"),
        new Mutation(
            32, CORE + "Listeners.java", "executor.execute(() -> drain(one));", "drain(one);"),
        new Mutation(32, CORE + "Listeners.java", "books.count(Counter.LISTENER_FAILED);", ""),
        new Mutation(
            33, CORE + "Listeners.java", "s.told && s.stage >= one.order.ordinal()", "s.told"),
        new Mutation(
            33, CORE + "Listeners.java", ".sorted(Comparator.comparing(r -> r.order))", ""),
        new Mutation(33, CORE + "StateWord.java", " && !isUnsettled(word)", ""),
        new Mutation(34, CORE + "Listeners.java", "one.replay.addAll(present.apply(one));", ""),
        new Mutation(34, CORE + "Allocator.java", "ticket.replayed = true;", ""));
  }

  /** The tests that state a requirement, by number. */
  private static Map<Integer, Method> tests() {
    return Stream.of(SetRequirementsTest.class, NotificationRequirementsTest.class)
        .flatMap(type -> Stream.of(type.getDeclaredMethods()))
        .filter(method -> method.isAnnotationPresent(Requirement.class))
        .collect(Collectors.toMap(m -> m.getAnnotation(Requirement.class).value()[0], m -> m));
  }

  @Test
  void everyRequirementHasATestAndEveryTestAMutation() {
    Set<Integer> mutated = new TreeSet<>();
    mutations().forEach(m -> mutated.add(m.requirement()));
    Set<Integer> wanted = new TreeSet<>();
    for (int i = 11; i <= 34; i++) {
      wanted.add(i);
    }
    assertThat(tests().keySet()).containsExactlyInAnyOrderElementsOf(wanted);
    assertThat(mutated).isEqualTo(wanted);
  }

  @Test
  void unchangedCodePassesWhenLoadedApart() throws Exception {
    Apart apart = new Apart(Map.of());
    assertThat(failures(apart, tests().get(23))).isZero();
  }

  @ParameterizedTest
  @MethodSource("mutations")
  void testFailsWhenTheCodeIsWrong(Mutation mutation) throws Exception {
    String source = Files.readString(Path.of(mutation.file()));
    assertThat(source.split(java.util.regex.Pattern.quote(mutation.line()), -1))
        .as("places of %s", mutation.line())
        .hasSize(2);
    Apart apart =
        new Apart(compile(mutation.file(), source.replace(mutation.line(), mutation.changed())));
    assertThat(failures(apart, tests().get(mutation.requirement())))
        .as("%s noticed", mutation)
        .isOne();
  }

  private static long failures(Apart apart, Method test) throws Exception {
    Class<?> type = apart.loadClass(test.getDeclaringClass().getName());
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectMethod(type, test.getName()))
            .build();
    SummaryGeneratingListener summary = new SummaryGeneratingListener();
    LauncherConfig config =
        LauncherConfig.builder().enableTestExecutionListenerAutoRegistration(false).build();
    LauncherFactory.create(config).execute(request, summary);
    assertThat(summary.getSummary().getTestsStartedCount()).isOne();
    return summary.getSummary().getTestsFailedCount();
  }

  /** Compiles one changed file against the classes as they are. */
  private static Map<String, byte[]> compile(String file, String source) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    Map<String, ByteArrayOutputStream> made = new HashMap<>();
    JavaFileObject changed =
        new SimpleJavaFileObject(
            URI.create("string:///" + file.replaceAll(".*java/", "")), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    try (StandardJavaFileManager standard = compiler.getStandardFileManager(null, null, null)) {
      JavaFileManager files =
          new ForwardingJavaFileManager<JavaFileManager>(standard) {
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
          };
      List<String> options =
          List.of("-proc:none", "-nowarn", "-classpath", System.getProperty("java.class.path"));
      assertThat(compiler.getTask(null, files, null, options, null, List.of(changed)).call())
          .as("%s compiles", file)
          .isTrue();
    }
    return made.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().toByteArray()));
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
