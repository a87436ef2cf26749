package dev.wherry.api;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What may use what within {@code api}, as the design has it. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.wherry.api");

  @Test
  void classesWereImported() {
    assertThat(CLASSES).hasSizeGreaterThan(60);
    assertThat(CLASSES.contain("dev.wherry.api.tree.Obj")).isTrue();
    assertThat(CLASSES.contain("dev.wherry.api.schema.SchemaTable")).isTrue();
  }

  @Test
  void packagesHaveNoCycles() {
    // `status` speaks of resources, `object` of nothing but trees.
    slices().matching("dev.wherry.api.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void theTreeKnowsNothingElse() {
    noClasses()
        .that()
        .resideInAPackage("..api.tree..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "..api.object..", "..api.schema..", "..api.patch..", "..api.status..", "..api.view..")
        .check(CLASSES);
  }

  @Test
  void onlyTheTreeKnowsJackson() {
    noClasses()
        .that()
        .resideOutsideOfPackage("..api.tree..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("com.fasterxml..")
        .check(CLASSES);
  }

  @Test
  void apiKnowsNoOtherRoomNoGeneratorAndNoLibraryOfProtobuf() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.wherry.master..",
            "dev.wherry.agent..",
            "dev.wherry.cli..",
            "dev.wherry.proto..",
            "dev.wherry.schemagenerator..",
            "com.google.protobuf..",
            "io.kubernetes..")
        .check(CLASSES);
  }

  @Test
  void functionsOfObjectsHaveNoClockThreadOrLogger() {
    noClasses()
        .that()
        .resideInAnyPackage("..api.patch..", "..api.schema..", "..api.select..", "..api.object..")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.time.Clock")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.lang.Thread")
        .orShould()
        .dependOnClassesThat()
        .resideInAnyPackage("org.slf4j..")
        .check(CLASSES);
  }
}
