package org.ioasis.itest.walls;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.List;
import java.util.Set;

/** The walls between bundles, and between the rooms of a vendor bundle. */
final class Walls {
  private static final List<String> FORMATS = rooms("format");
  private static final List<String> HARDWARE = rooms("hardware");
  private static final List<String> DRIVERS = rooms("driver");

  /** Contracts of those who use address spaces; the other contracts know none of them. */
  private static final List<String> USERS =
      List.of("api.ioasid", "api.domain", "api.device", "api.fault");

  /** Three users' contracts that name each other's handles and count as one. */
  private static final Set<String> ONE_KNOT = Set.of("api.domain", "api.device", "api.fault");

  static final Wall LAYERS_OF_THE_API =
      new Wall(
          "the contracts of vendors know none of the users'",
          "api.hardware.KnowsUser",
          base ->
              noClasses()
                  .that(resideInAPackage(base + ".api.."))
                  .and()
                  .resideOutsideOfPackages(in(base, USERS))
                  .should()
                  .dependOnClassesThat(resideInAnyPackage(in(base, USERS))));

  static final List<Wall> ALL =
      List.of(
          LAYERS_OF_THE_API,
          new Wall(
              "a bundle imports api and its part of the ground floor, never a sibling",
              "capture.KnowsSibling",
              base ->
                  classes().that(resideInAPackage(base + "..")).should(importAsTheHouseSays(base))),
          new Wall(
              "nobody outside a vendor knows the vendor",
              "capture.KnowsSibling",
              base ->
                  noClasses()
                      .that(resideInAPackage(base + ".."))
                      .and()
                      .resideOutsideOfPackages(in(base, House.VENDORS))
                      .should()
                      .dependOnClassesThat(resideInAnyPackage(in(base, House.VENDORS)))),
          new Wall(
              "a driver never knows its hardware",
              "vtd.driver.KnowsHardware",
              base -> apart(base, DRIVERS, HARDWARE)),
          new Wall(
              "hardware never knows a driver",
              "vtd.hardware.KnowsDriver",
              base -> apart(base, HARDWARE, DRIVERS)),
          new Wall(
              "a format depends on the kit alone",
              "vtd.format.KnowsRoom",
              base ->
                  classes()
                      .that(resideInAnyPackage(in(base, FORMATS)))
                      .should()
                      .onlyDependOnClassesThat(
                          resideInAnyPackage("java..", base + ".kit..")
                              .or(resideInAnyPackage(in(base, FORMATS))))
                      .allowEmptyShould(true)),
          new Wall(
              "the API depends on the JDK and OSGi annotations alone",
              "api.KnowsFramework",
              base ->
                  classes()
                      .that(resideInAPackage(base + ".api.."))
                      .should()
                      .onlyDependOnClassesThat(
                          resideInAnyPackage("java..", "org.osgi.annotation..", base + ".api.."))),
          new Wall(
              "the packages of the API have no cycle",
              "api.memory.KnowsState",
              base -> slices().assignedFrom(packagesOfTheApi(base)).should().beFreeOfCycles()),
          new Wall(
              "the launcher compiles against the framework and its log alone",
              "launcher.KnowsBundle",
              base ->
                  classes()
                      .that(resideInAPackage(base + ".launcher.."))
                      .should()
                      .onlyDependOnClassesThat(
                          resideInAnyPackage(
                              "java..",
                              "org.osgi.framework..",
                              "org.apache.felix.framework..",
                              "org.slf4j..",
                              base + ".launcher.."))));

  private Walls() {}

  /** A room of every vendor, as parts of package names. */
  private static List<String> rooms(String room) {
    return House.VENDORS.stream().map(vendor -> vendor + "." + room).toList();
  }

  /** Patterns for packages with all below them. */
  static String[] in(String base, List<String> packages) {
    return packages.stream().map(name -> base + "." + name + "..").toArray(String[]::new);
  }

  private static ArchRule apart(String base, List<String> from, List<String> to) {
    return noClasses()
        .that(resideInAnyPackage(in(base, from)))
        .should()
        .dependOnClassesThat(resideInAnyPackage(in(base, to)))
        .allowEmptyShould(true);
  }

  private static ArchCondition<JavaClass> importAsTheHouseSays(String base) {
    return new ArchCondition<>("import as the house says") {
      @Override
      public void check(JavaClass item, ConditionEvents events) {
        String from = House.part(base, item.getPackageName());
        for (Dependency dependency : item.getDirectDependenciesFromSelf()) {
          String to =
              House.part(base, dependency.getTargetClass().getBaseComponentType().getPackageName());
          if (to != null && !House.mayImport(from, to)) {
            events.add(SimpleConditionEvent.violated(dependency, dependency.getDescription()));
          }
        }
      }
    };
  }

  private static SliceAssignment packagesOfTheApi(String base) {
    return new SliceAssignment() {
      @Override
      public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
        String name = javaClass.getPackageName();
        if (!"api".equals(House.part(base, name))) {
          return SliceIdentifier.ignore();
        }
        String room = name.substring(base.length() + 1);
        return SliceIdentifier.of(ONE_KNOT.contains(room) ? "api.domain, device, fault" : room);
      }

      @Override
      public String getDescription() {
        return "packages of the API";
      }
    };
  }
}
