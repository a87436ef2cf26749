package dev.wherry.agent;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
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

/** The tables of the design, "agent": who may import whom, and which library lives where. */
class AgentArchitectureTest {
  private static final String AGENT = "dev.wherry.agent.";
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.wherry.agent");

  @Test
  void importsTheClassesUnderTest() {
    assertThat(CLASSES.size()).isGreaterThan(80);
    assertThat(CLASSES.contain("dev.wherry.agent.pod.PodMachine")).isTrue();
  }

  /** Room; the agent's rooms that it may import, itself understood. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          desired    | ''
          pod        | desired
          cgroup     | pod, host
          runtime    | pod, cgroup, host, linux
          image      | desired, runtime, pod
          volume     | desired, host, linux
          probe      | desired, runtime, pod
          usage      | desired, runtime, pod, cgroup, host, linux
          logs       | runtime, pod
          metrics    | runtime, pod, usage, probe, dns, volume, linux
          endpoint   | runtime, logs, metrics
          linux      | ''
          host       | linux
          ip         | host, linux
          nft        | host
          network    | desired, host, nft, ip, linux
          services   | desired, host, nft, ip, network, transport
          dns        | desired, network, linux
          checkpoint | desired
          sync       | desired, pod, runtime, image, volume, probe, usage, logs,network,host,cgroup,device
          link       | desired, sync, runtime, logs, volume, host, usage
          transport  | ''
          ingress    | desired, host, transport
          staticpods | desired
          policy     | desired, nft, network
          device     | desired, runtime, pod
          eviction   | desired, runtime, pod, usage, volume, linux
          config     | network, eviction, device
          """)
  void roomsImportOnlyWhatTheDesignSays(String room, String allowed) {
    List<String> packages = new ArrayList<>();
    packages.add(AGENT + room + "..");
    for (String each : allowed.split(",")) {
      if (!each.isBlank()) {
        packages.add(AGENT + each.strip() + "..");
      }
    }
    noClasses()
        .that()
        .resideInAPackage(AGENT + room + "..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.wherry.agent..")
                .and(not(resideInAnyPackage(packages.toArray(String[]::new)))))
        .check(CLASSES);
  }

  @Test
  void roomsFormNoCycles() {
    slices().matching("dev.wherry.agent.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void agentAndMasterNeverMeet() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.wherry.master..")
        .check(CLASSES);
  }

  /** Library; the rooms that may use it. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          com.github.dockerjava.. | dev.wherry.agent.runtime.engine..
          io.grpc..               | dev.wherry.agent.device.plugin.., dev.wherry.agent.link.., dev.wherry.agent.probe.., dev.wherry.agent.bootstrap..
          com.google.re2j..       | dev.wherry.agent.ingress..
          org.apache.commons.codec.. | dev.wherry.agent.ingress..
          java.lang.foreign..     | dev.wherry.agent.linux.., dev.wherry.agent.nft..
          dev.wherry.proto..      | dev.wherry.agent.link.., dev.wherry.agent.device.plugin..
          io.netty..              | dev.wherry.agent.device.plugin.., dev.wherry.agent.dns.., dev.wherry.agent.link.., dev.wherry.agent.probe.., dev.wherry.agent.ingress.., dev.wherry.agent.transport.., dev.wherry.agent.services.userspace..
          """)
  void librariesLiveInTheirRooms(String library, String rooms) {
    noClasses()
        .that()
        .resideOutsideOfPackages(rooms.split(", *"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .check(CLASSES);
  }

  @Test
  void theLifeOfAPodIsPure() {
    noClasses()
        .that()
        .resideInAPackage(AGENT + "pod..")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                "org.slf4j..", "java.io..", "java.nio..", "java.net..", "java.util.concurrent.."))
        .orShould()
        .callMethod(java.time.Instant.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .check(CLASSES);
  }
}
