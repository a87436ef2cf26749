package dev.wherry.master;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tables of the design, "master": who may import whom, and which library lives where. */
class MasterArchitectureTest {
  private static final String MASTER = "dev.wherry.master.";
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.wherry.master");

  @Test
  void importsTheClassesUnderTest() {
    assertThat(CLASSES.size()).isGreaterThan(50);
    assertThat(CLASSES.contain("dev.wherry.master.registry.Registry")).isTrue();
  }

  /**
   * Room; the master's rooms that it may import, itself understood. That http may import pki is ADR
   * 0005; registry and admission read certificates and requests for them by it.
   */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          store                | ''
          pki                  | ''
          ipam                 | ''
          registry             | store, ipam, pki
          auth                 | pki, registry
          admission            | registry, audit, auth, pki
          audit                | auth
          access               | registry, auth, admission, audit, ipam, store
          scheduling           | ''
          samples              | registry
          reconcile            | access, registry
          controllers          | reconcile, scheduling, ipam, samples, access, registry
          extensions           | registry, access
          fleet                | access, pki, samples, registry
          http                 | access, registry, pki, audit, auth
          """)
  void roomsImportOnlyWhatTheDesignSays(String room, String allowed) {
    List<String> packages = new ArrayList<>();
    packages.add(MASTER + room + "..");
    for (String each : allowed.split(",")) {
      if (!each.isBlank()) {
        packages.add(MASTER + each.strip() + "..");
      }
    }
    String[] others = packages.toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage(MASTER + room + "..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.wherry.master..")
                .and(
                    com.tngtech.archunit.base.DescribedPredicate.not(
                        com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage(
                            others))))
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void theStoreKnowsNoObjects() {
    noClasses()
        .that()
        .resideInAnyPackage(MASTER + "store..", MASTER + "pki..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.wherry.api..")
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void roomsFormNoCycles() {
    slices().matching("dev.wherry.master.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void packagesOfTheRegistryFormNoCycles() {
    slices()
        .matching("dev.wherry.master.registry.(**)")
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage(MASTER + "registry")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(MASTER + "registry.kinds..")
        .check(CLASSES);
  }

  @Test
  void packagesOfTheStoreFormNoCycles() {
    noClasses()
        .that()
        .resideInAPackage(MASTER + "store")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(MASTER + "store.*..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage(MASTER + "store.log..")
        .should()
        .dependOnClassesThat(
            resideInAPackage(MASTER + "store..")
                .and(
                    com.tngtech.archunit.base.DescribedPredicate.not(
                        resideInAPackage(MASTER + "store.log.."))))
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage(MASTER + "store.mapdb..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(MASTER + "store.log..", MASTER + "store.disk..")
        .check(CLASSES);
  }

  @Test
  void masterAndAgentNeverMeet() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.wherry.agent..")
        .check(CLASSES);
  }

  /** Library; the rooms that may use it. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          org.mapdb..          | store.mapdb..
          dev.cel..            | registry.kinds..
          io.grpc..            | fleet.., bootstrap..
          io.netty..           | http.., config.., bootstrap.., fleet..
          io.micronaut..       | http.., config.., bootstrap..
          """)
  void librariesStayInTheirAdapters(String library, String rooms) {
    List<String> packages = new ArrayList<>();
    for (String room : rooms.split(",")) {
      packages.add(MASTER + room.strip());
    }
    noClasses()
        .that()
        .resideOutsideOfPackages(packages.toArray(String[]::new))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .check(CLASSES);
  }

  @Test
  void pureRoomsHaveNoClockThreadLoggerOrInput() {
    noClasses()
        .that()
        .resideInAnyPackage(MASTER + "scheduling..", MASTER + "ipam..", MASTER + "registry.kinds..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.slf4j..", "java.util.concurrent..", "java.io..", "java.nio.file..", "java.net..")
        .orShould()
        .callMethod(java.time.Instant.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .check(CLASSES);
  }

  @Test
  void plansAndRenderersArePure() {
    noClasses()
        .that()
        .haveSimpleNameEndingWith("Plan")
        .or()
        .haveSimpleName("Tables")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.slf4j..", "java.util.concurrent..", "java.nio.file..")
        .orShould()
        .callMethod(java.time.Instant.class, "now")
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void everyPackageIsNullMarked() {
    classes()
        .that()
        .resideInAPackage("dev.wherry.master..")
        .and()
        .doNotHaveSimpleName("package-info")
        .should(new NullMarked())
        .check(CLASSES);
  }

  /** A class whose package has the annotation. */
  private static final class NullMarked
      extends com.tngtech.archunit.lang.ArchCondition<com.tngtech.archunit.core.domain.JavaClass> {
    NullMarked() {
      super("be in a package with @NullMarked");
    }

    @Override
    public void check(
        com.tngtech.archunit.core.domain.JavaClass type,
        com.tngtech.archunit.lang.ConditionEvents events) {
      boolean marked = type.getPackage().isAnnotatedWith(org.jspecify.annotations.NullMarked.class);
      if (!marked) {
        events.add(
            com.tngtech.archunit.lang.SimpleConditionEvent.violated(
                type, type.getName() + " is in a package without @NullMarked"));
      }
    }
  }
}
