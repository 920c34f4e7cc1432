package org.ioasis.itest.walls;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

/** What code of ours does not do, wherever it stands. */
final class CodeWalls {
  /** Who may read the system's clock: the machine's real time, and waits of and for people. */
  static final List<String> CLOCK_READERS =
      List.of(
          "machine.time.RealTime",
          "launcher.ExitGate",
          "capture.command.Progress",
          "allocator.SystemTime");

  /** Who may write to the program's output: the launcher and commands. */
  private static final List<String> WRITERS = List.of("launcher", "shell", "capture.command");

  private static final Set<String> INJECTING =
      Set.of(
          "org.osgi.service.component.annotations.Reference",
          "org.osgi.service.component.annotations.Activate",
          "javax.inject.Inject",
          "jakarta.inject.Inject");

  static final List<Wall> ALL =
      List.of(
          new Wall(
              "main code never reads the system's clock",
              "domain.ReadsClock",
              base ->
                  noClasses()
                      .that(resideInAPackage(base + ".."))
                      .and(not(clockReader(base)))
                      .should()
                      .accessTargetWhere(readsTheClock())),
          new Wall(
              "models own no threads",
              "vtd.hardware.OwnsThread",
              base ->
                  noClasses()
                      .that(resideInAnyPackage(Walls.in(base, modelParts())))
                      .should()
                      .accessTargetWhere(makesAThread())
                      .orShould()
                      .dependOnClassesThat()
                      .belongToAnyOf(
                          Executor.class,
                          Executors.class,
                          ForkJoinPool.class,
                          CompletableFuture.class,
                          java.util.Timer.class)),
          new Wall(
              "only the launcher and commands write to the program's output",
              "domain.Prints",
              base ->
                  noClasses()
                      .that(resideInAPackage(base + ".."))
                      .and()
                      .resideOutsideOfPackages(Walls.in(base, WRITERS))
                      .should()
                      .accessField(System.class, "out")
                      .orShould()
                      .accessField(System.class, "err")
                      .orShould()
                      .callMethod(Throwable.class, "printStackTrace")),
          new Wall(
              "the log is SLF4J",
              "domain.LogsElsewhere",
              base ->
                  noClasses()
                      .that(resideInAPackage(base + ".."))
                      .should()
                      .dependOnClassesThat()
                      .resideInAnyPackage("java.util.logging..", "org.apache.commons.logging..")),
          new Wall(
              "no field is injected",
              "domain.InjectedField",
              base ->
                  noFields()
                      .that()
                      .areDeclaredInClassesThat(resideInAPackage(base + ".."))
                      .should()
                      .beAnnotatedWith(
                          describe(
                              "an annotation that injects",
                              annotation ->
                                  INJECTING.contains(annotation.getRawType().getName())))),
          new Wall(
              "an exported package has a version",
              "exported.package-info",
              base ->
                  classes()
                      .that(resideInAPackage(base + ".."))
                      .and()
                      .areAnnotatedWith(Export.class)
                      .should()
                      .beAnnotatedWith(Version.class)));

  private CodeWalls() {}

  private static List<String> modelParts() {
    List<String> parts = new ArrayList<>(House.VENDORS);
    parts.add("kit");
    return parts;
  }

  /** Whether a class, or the one around it, is named in {@link #CLOCK_READERS}. */
  private static DescribedPredicate<JavaClass> clockReader(String base) {
    return describe(
        "a reader of the clock",
        type ->
            CLOCK_READERS.stream()
                .map(name -> base + "." + name)
                .anyMatch(
                    name -> type.getName().equals(name) || type.getName().startsWith(name + "$")));
  }

  /** Accesses to the system's clock, by call or method reference. */
  static DescribedPredicate<JavaAccess<?>> readsTheClock() {
    return describe(
        "the system's clock",
        access -> {
          String owner = access.getTargetOwner().getName();
          String name = access.getName();
          return switch (owner) {
            case "java.lang.System" -> name.equals("nanoTime") || name.equals("currentTimeMillis");
            case "java.util.Date" ->
                access.getTarget().getFullName().equals("java.util.Date.<init>()");
            default ->
                owner.startsWith("java.time.") && (name.equals("now") || name.startsWith("system"));
          };
        });
  }

  private static DescribedPredicate<JavaAccess<?>> makesAThread() {
    return describe(
        "a constructor of threads",
        access ->
            access.getTargetOwner().isAssignableTo(Thread.class)
                && access.getName().equals("<init>"));
  }
}
