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
import java.util.stream.IntStream;
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
import org.junit.jupiter.api.Tag;
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
  private static final List<Class<?>> TESTS =
      List.of(
          SetRequirementsTest.class,
          NotificationRequirementsTest.class,
          ListenerQueuesTest.class,
          MigrationTest.class,
          EndOfDmaTest.class,
          AllocatorModelTest.class,
          RacesTest.class);

  /** Tests that take seconds; -Pstress mutates what they test. */
  private static final Set<String> SLOW =
      Set.of(
          "aMirrorOfEventsIsEqualToTheBooksHoweverLateItComes",
          "aMirrorThatComesInTheMiddleOfAllIsRightInTheEnd",
          "dmaStopsThenFaultsDrainThenTranslationsGoThenTheNumberIsReused",
          "behavesAsTheModel",
          "aMillionIdsCostNoMoreThanAThousand");

  /** A line changed, and the test that must notice. */
  record Mutation(String test, String file, String line, String changed) {
    @Override
    public String toString() {
      return "%s: %s: %s".formatted(test, file.replaceAll(".*/", ""), changed);
    }
  }

  private static Mutation core(String test, String file, String line, String changed) {
    return new Mutation(test, CORE + file + ".java", line, changed);
  }

  // spotless:off
  static Stream<Mutation> mutations() {
    return Stream.of(
        core("widthComesFromTheDevice", "Allocations", "max = Math.min(max, bound.max());", ""),
        core("capacityIsInstalledFirstAndShrinksOnlyAboveUse", "Sets", "books.counted(Counter.ALLOCATED) > 0", "false"),
        core("capacityIsInstalledFirstAndShrinksOnlyAboveUse", "Books", "int RESERVED = 1;", "int RESERVED = 0;"),
        core("capacityIsInstalledFirstAndShrinksOnlyAboveUse", "Sets", "set == null ? -1 : set.ids.next(total)", "-1"),
        new Mutation("narrowerUnitLeavesIdsValidAndRefusesThemByName", API + "IdBound.java", "id.value() > max()", "false"),
        core("systemSetIsThereFromTheStart", "Allocator", "sets.openSystem(systemQuota);", "sets.openSystem(9);"),
        core("quotaIsNeverExceededNotEvenForAMoment", "Allocations", "set.room() < 1", "set.room() < 0"),
        core("quotaIsNeverExceededNotEvenForAMoment", "Books", "tokens.containsKey(token)", "false"),
        core("clearKeepsTheSetAndDestroyReturnsTheQuotaOnce", "Books", "&& at.inUse == 0", ""),
        core("clearKeepsTheSetAndDestroyReturnsTheQuotaOnce", "Books", "addQuota(at.parent, -at.quota);", ""),
        core("clearKeepsTheSetAndDestroyReturnsTheQuotaOnce", "SetView", "set.ended ? null : data", "data"),
        core("findSetIsASnapshotAndItsLeaseKeepsTheSet", "Books", "&& at.leases == 0", ""),
        core("quotaMovesButNotBelowUse", "Sets", "entry.getValue() < used", "false"),
        core("quotaMovesButNotBelowUse", "Sets", "expected != set.quota", "false"),
        core("quotaMovesButNotBelowUse", "Sets", "top > books.total - Books.RESERVED", "false"),
        core("tenantsCannotTakeFromEachOther", "SetCore", "quota - inUse - childQuota", "quota - inUse"),
        core("guestsNumbersMapBothWaysAndMigrate", "SetView", "set.guests.host(old, -1);", ""),
        core("guestsNumbersMapBothWaysAndMigrate", "Migration", "throw keep ? collision(export, taken) :", "throw"),
        core("guestsNumbersMapBothWaysAndMigrate", "Allocations", "    if (host >= 0) {", "    if (false) {"),
        core("aFreezeThatIsNotDrainedInTimeGivesUp", "Migration", "set.state = SetState.ACTIVE;\n            throw", "throw"),
        core("aLargeSetMovesAndKeepsItsGuestsNumbers", "SetCopy", "guests[count] = table.guest(id);", ""),
        core("anImportIsAllOrNothing", "Migration", "batches(choices, batch -> batch.forEach(allocator.allocations::letGo));", ""),
        core("anImportIsAllOrNothing", "Migration", "right &= hosts.add(entry.host());", ""),
        core("anotherSetsIdIsRefusedNotIgnored", "Books", "&& StateWord.set(word) != set.sid", "&& false"),
        core("anotherSetsIdIsRefusedNotIgnored", "IdTable", "|| StateWord.set(word) != set", ""),
        core("snapshotIsOneMomentInOrder", "SetCopy", "id = set.ids.next(id + 1)", "id = set.ids.next(id + 2)"),
        core("noReuseBeforeTheLastPut", "StateWord", "&& leases(word) == 0 && !is", "&& !is"),
        core("noReuseBeforeTheLastPut", "Leases", "if (lease.closed) {", "if (false) {"),
        core("freeNeverBlocksWhateverElseIsStuck", "CustomNumbers", "    node.backChooser = chooser;", "    turn.lock();"),
        core("freeNeverBlocksWhateverElseIsStuck", "Listeners", "        one.call(ticket);", "        books.lock.lock(); try { one.call(ticket); } finally { books.lock.unlock(); }"),
        core("freeNeverBlocksWhateverElseIsStuck", "Listeners", "    bell.run();\n  }\n\n  /** The same for a FREE", "    time.await(() -> ticket.settlement == null || ticket.settlement.settled, 1); bell.run();\n  }\n\n  /** The same for a FREE"),
        core("freeWaitsForNoOtherThread", "ShortLock", "Thread.onSpinWait();", "java.util.concurrent.locks.LockSupport.parkNanos(1000);"),
        core("freeAllocatesNothingUnderTheLock", "Endings", "listeners.append(end.reclaimed);", "listeners.append(new Ticket(Ticket.Kind.RECLAIM, \"\").of(set, id, -1));"),
        core("findTakesNoLockAndAllocatesNothing", "SetView", "= table.find(id, sid);", "= allocator.locked(() -> table.find(id, sid));"),
        core("findTakesNoLockAndAllocatesNothing", "SetView", "return set.ended ? null : data;", "return new Object[] {set.ended ? null : data}[0].toString() == null ? null : data;"),
        new Mutation("noIdWithoutASet", API + "IoasidService.java", "  /** The books. */", "  default Pasid allocate(AllocationRequest r) { return systemSet().allocate(r); }"),
        core("eachTransitionHasItsType", "Ticket", "case SET_FREE -> new IoasidEvent.SetFreed(sequence, sid, cause, token, destroyed);", "case SET_FREE -> new IoasidEvent.Adjusted(sequence, sid, cause, 0, 0);"),
        core("unregisteringLetsTheCallUnderWayEnd", "Listeners", "time.await(one::isQuiet, timeoutNanos);", ""),
        core("onlyWhoeverBoundMayUnbind", "Bindings", "bind.publisher == publisher", "true"),
        core("reclaimWaitsBoundedAndNamesLaggards", "Deadlines", "watcher.laggard(at.who.options.name(), one.freed.event());", ""),
        core("reclaimWaitsBoundedAndNamesLaggards", "Deadlines", "time.schedule(Math.max(0, deadline - time.nanoTime()), this::expire);", ""),
        core("reclaimWaitsBoundedAndNamesLaggards", "Settlement", "left[await.who.stage]++;", ""),
        core("aThousandIdsThatNobodyAcknowledgesEndInFourTimeouts", "Deadlines", "at.who.stage == one.stage && one.done(at)", "one.done(at)"),
        core("aListenerHearsOfItsSetOnly", "ListenerOptions", "(sid == 0 || sid == set) &&", ""),
        core("aListenerHearsOfItsSetOnly", "ListenerOptions", "token.equals(owner.toString())", "true"),
        core("slowThrowingAndVanishingListenersHarmNobody", "SecondPhaseQueues", "executor.execute(() -> drain(one));", "drain(one);"),
        core("slowThrowingAndVanishingListenersHarmNobody", "Listeners", "count(Counter.LISTENER_FAILED, 1);", ""),
        core("slowThrowingAndVanishingListenersHarmNobody", "Listeners", "      excuse(one);", ""),
        core("aSlowFirstPhaseListenerIsToldFromAQueueFromThenOn", "Listeners", "one.slow = true;", ""),
        core("aSlowFirstPhaseListenerIsToldFromAQueueFromThenOn", "Listeners", "one.demoted = true;", ""),
        core("aStuckListenerKeepsABoundedQueueAndIsToldThePresentAnew", "SecondPhaseQueues", "    one.replay = new Replay(books, listeners.journal, one);", ""),
        core("aStuckListenerKeepsABoundedQueueAndIsToldThePresentAnew", "SecondPhaseQueues", "one.callLost(lost);", ""),
        core("anOverrunListenerIsStillWaitedFor", "Replay", "freed.settlement = ends[i];", "freed.settlement = null;"),
        core("aMirrorOfEventsIsEqualToTheBooksHoweverLateItComes", "Replay", "trueUntil[next] = end;", ""),
        core("aMirrorOfEventsIsEqualToTheBooksHoweverLateItComes", "Replay", "bindings[i] = table.bindings(from + i);", ""),
        core("aMirrorThatComesInTheMiddleOfAllIsRightInTheEnd", "SecondPhaseQueues", "replay != null && replay.covers(next)", "false"),
        core("dmaStopsFaultsDrainTranslationsGoThenTheNumberIsReused", "Settlement", "told && stage >= who.stage", "told"),
        core("dmaStopsFaultsDrainTranslationsGoThenTheNumberIsReused", "Listeners", ".sorted(Comparator.comparing(r -> r.order))", ""),
        core("dmaStopsFaultsDrainTranslationsGoThenTheNumberIsReused", "StateWord", " && !isUnsettled(word)", ""),
        core("dmaStopsThenFaultsDrainThenTranslationsGoThenTheNumberIsReused", "Settlement", "told && stage >= who.stage", "told"),
        core("dmaStopsThenFaultsDrainThenTranslationsGoThenTheNumberIsReused", "StateWord", " && !isUnsettled(word)", ""),
        core("oneEventPerTransitionAndAReplayForWhoComesLate", "Listeners", "one.replay = replay;", ""),
        core("oneEventPerTransitionAndAReplayForWhoComesLate", "Replay", "ticket.replayed = true;", ""),
        core("behavesAsTheModel", "StateWord", "less & ~STATE | IoasidState.IDLE.ordinal()", "less"),
        core("everyInterleavingOfFreeBindAndNotifyIsInOrder", "Bindings", "      books.usable(set, id);", ""),
        core("aMillionIdsCostNoMoreThanAThousand", "FreeNumbers", "if (left != 0) {", "if (true) {"));
  }
  // spotless:on

  /** The tests that state a requirement, by name. */
  private static Map<String, Method> tests() {
    return TESTS.stream()
        .flatMap(type -> Stream.of(type.getDeclaredMethods()))
        .filter(method -> method.isAnnotationPresent(Requirement.class))
        .collect(Collectors.toMap(Method::getName, m -> m));
  }

  @Test
  void everyRequirementHasATestAndEveryTestAMutation() {
    Set<Integer> stated = new TreeSet<>();
    tests()
        .values()
        .forEach(
            m -> IntStream.of(m.getAnnotation(Requirement.class).value()).forEach(stated::add));
    assertThat(stated).isEqualTo(IntStream.rangeClosed(11, 34).boxed().collect(Collectors.toSet()));
    assertThat(mutations().map(Mutation::test).collect(Collectors.toSet()))
        .isEqualTo(tests().keySet());
  }

  @Test
  void unchangedCodePassesWhenLoadedApart() throws Exception {
    assertThat(failures(new Apart(Map.of()), tests().get("noReuseBeforeTheLastPut"))).isZero();
  }

  @ParameterizedTest
  @MethodSource("testNames")
  @Tag("stress")
  void unchangedCodePassesEachTestWhenLoadedApart(String test) throws Exception {
    assertThat(failures(new Apart(Map.of()), tests().get(test))).isZero();
  }

  static Stream<String> testNames() {
    return tests().keySet().stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("quick")
  void testFailsWhenTheCodeIsWrong(Mutation mutation) throws Exception {
    check(mutation);
  }

  static Stream<Mutation> quick() {
    return mutations().filter(mutation -> !SLOW.contains(mutation.test()));
  }

  @ParameterizedTest
  @MethodSource("slow")
  @Tag("stress")
  void slowTestFailsWhenTheCodeIsWrong(Mutation mutation) throws Exception {
    check(mutation);
  }

  static Stream<Mutation> slow() {
    return mutations().filter(mutation -> SLOW.contains(mutation.test()));
  }

  private static void check(Mutation mutation) throws Exception {
    String source = Files.readString(Path.of(mutation.file()));
    assertThat(source.split(java.util.regex.Pattern.quote(mutation.line()), -1))
        .as("places of %s", mutation.line())
        .hasSize(2);
    Apart apart =
        new Apart(compile(mutation.file(), source.replace(mutation.line(), mutation.changed())));
    assertThat(failures(apart, tests().get(mutation.test()))).as("%s noticed", mutation).isOne();
  }

  private static long failures(Apart apart, Method test) throws Exception {
    Class<?> type = apart.loadClass(test.getDeclaringClass().getName());
    Method method =
        Stream.of(type.getDeclaredMethods())
            .filter(m -> m.getName().equals(test.getName()))
            .findAny()
            .orElseThrow();
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request().selectors(selectMethod(type, method)).build();
    SummaryGeneratingListener summary = new SummaryGeneratingListener();
    LauncherConfig config =
        LauncherConfig.builder().enableTestExecutionListenerAutoRegistration(false).build();
    Thread.currentThread().setContextClassLoader(apart); // jqwik finds its extensions through it
    try {
      LauncherFactory.create(config).execute(request, summary);
    } finally {
      Thread.currentThread().setContextClassLoader(MutationsTest.class.getClassLoader());
    }
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
