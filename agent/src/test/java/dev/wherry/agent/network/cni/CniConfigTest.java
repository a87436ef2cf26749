package dev.wherry.agent.network.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.address.Cidr;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CniConfigTest {
  private static final CniConfig LIST =
      CniConfig.parse(
          """
          {"cniVersion": "1.0.0", "name": "pods", "plugins": [
            {"type": "bridge", "capabilities": {"ipRanges": true}},
            {"type": "portmap", "capabilities": {"portMappings": true}}]}
          """);

  @Test
  void eachPluginReadsItsPartWithWhatItDeclares() {
    Obj arguments =
        Json.read(
            """
            {"portMappings": [{"hostPort": 8080}], "ipRanges": [[{"subnet": "10.42.0.0/24"}]],
             "bandwidth": {"ingressRate": 1}}
            """);
    assertThat(LIST.input(LIST.plugins().get(0), Obj.EMPTY, arguments))
        .isEqualTo(
            Json.read(
                """
                {"type": "bridge", "capabilities": {"ipRanges": true}, "name": "pods",
                 "cniVersion": "1.0.0",
                 "runtimeConfig": {"ipRanges": [[{"subnet": "10.42.0.0/24"}]]}}
                """));
    Obj before = Json.read("{\"ips\": [{\"address\": \"10.42.0.7/24\"}]}");
    assertThat(LIST.input(LIST.plugins().get(1), before, arguments))
        .isEqualTo(
            Json.read(
                """
                {"type": "portmap", "capabilities": {"portMappings": true}, "name": "pods",
                 "cniVersion": "1.0.0", "runtimeConfig": {"portMappings": [{"hostPort": 8080}]},
                 "prevResult": {"ips": [{"address": "10.42.0.7/24"}]}}
                """));
    assertThat(LIST.hasCapability("portMappings")).isTrue();
    assertThat(LIST.hasCapability("bandwidth")).isFalse();
  }

  @Test
  void versionsSayWhatPluginsKnow() {
    assertThat(LIST.canCheck()).isTrue();
    CniConfig old = CniConfig.parse("{\"cniVersion\":\"0.3.1\",\"name\":\"n\",\"type\":\"ptp\"}");
    assertThat(old.plugins()).hasSize(1);
    assertThat(old.canCheck()).isFalse();
    assertThat(old.tellsResultOnDeletion()).isFalse();
    assertThat(
            CniConfig.parse(
                    "{\"cniVersion\":\"1.0.0\",\"name\":\"n\",\"disableCheck\":true,"
                        + "\"plugins\":[{\"type\":\"ptp\"}]}")
                .canCheck())
        .isFalse();
  }

  @Test
  void whatIsNoConfigurationIsRefused() {
    for (String text :
        new String[] {
          "",
          "[]",
          "{}",
          "{\"name\":\"n\",\"plugins\":[]}",
          "{\"name\":\"n\"}",
          "{\"type\":\"ptp\"}",
          "{\"name\":\"n\",\"type\":\"../../bin/sh\"}"
        }) {
      assertThatThrownBy(() -> CniConfig.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void theFirstFileByNameCounts(@TempDir Path directory) throws Exception {
    assertThat(new CniDirectory(directory.resolve("none")).read()).isEmpty();
    Files.writeString(directory.resolve("10-a.txt"), "not looked at");
    assertThat(new CniDirectory(directory).read()).isEmpty();
    Files.writeString(directory.resolve("20-b.conf"), "{\"name\":\"b\",\"type\":\"ptp\"}");
    Files.writeString(
        directory.resolve("10-c.conflist"), "{\"name\":\"c\",\"plugins\":[{\"type\":\"ptp\"}]}");
    assertThat(new CniDirectory(directory).read().orElseThrow().name()).isEqualTo("c");
  }

  @Test
  void addressesAreFoundInResultsOfEveryVersion() {
    assertThat(CniResult.address(Json.read("{\"ip4\":{\"ip\":\"10.1.2.3/24\"}}")))
        .get()
        .hasToString("10.1.2.3");
    assertThat(
            CniResult.address(
                Json.read(
                    "{\"ips\":[{\"address\":\"fd00::3/64\"},{\"address\":\"10.1.2.4/24\"}]}")))
        .get()
        .hasToString("10.1.2.4");
    assertThat(CniResult.address(Json.read("{\"ips\":[{\"address\":\"fd00::3/64\"}]}"))).isEmpty();
  }

  @Test
  void podsAreDescribedByCapability() {
    PodView pod =
        new PodView(
            Json.read(
                """
                {"metadata": {"annotations": {"kubernetes.io/ingress-bandwidth": "1.5M",
                    "kubernetes.io/egress-bandwidth": "many"}},
                 "spec": {"containers": [{"ports": [
                    {"containerPort": 80, "hostPort": 8080, "hostIP": "127.0.0.1"},
                    {"containerPort": 53, "hostPort": 53, "protocol": "UDP"},
                    {"containerPort": 443}]}]}}
                """));
    Obj told = PodArguments.of(pod, Optional.of(Cidr.parse("10.42.3.0/24")));

    assertThat(Json.text(told.list("portMappings")))
        .isEqualTo(
            "[{\"hostPort\":8080,\"containerPort\":80,\"protocol\":\"tcp\",\"hostIP\":\"127.0.0.1\"},"
                + "{\"hostPort\":53,\"containerPort\":53,\"protocol\":\"udp\"}]");
    assertThat(Json.text(told.obj("bandwidth")))
        .isEqualTo("{\"ingressRate\":1500000,\"ingressBurst\":2147483647}");
    assertThat(Json.text(told.list("ipRanges"))).isEqualTo("[[{\"subnet\":\"10.42.3.0/24\"}]]");
  }
}
