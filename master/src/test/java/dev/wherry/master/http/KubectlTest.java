package dev.wherry.master.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real kubectl of this machine against the front end. */
class KubectlTest {
  private static TestServer server;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    server = new TestServer(directory);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static String ok(String... arguments) throws Exception {
    TestServer.Outcome outcome = server.kubectl(arguments);
    assertThat(outcome.exitCode()).as(String.join(" ", arguments) + ": " + outcome).isZero();
    return outcome.out();
  }

  @Test
  void tellsItsVersion() throws Exception {
    assertThat(ok("version")).contains("Server Version: v1.33.0+wherry");
  }

  @Test
  void listsWhatIsServed() throws Exception {
    assertThat(ok("api-resources"))
        .containsPattern("deployments +deploy +apps/v1 +true +Deployment")
        .containsPattern("nodes +no +v1 +false +Node");
  }

  @Test
  void createsGetsScalesPatchesAndDeletesADeployment() throws Exception {
    ok("create", "deployment", "imperative", "--image=wherry/hello:1");
    assertThat(ok("get", "deployments")).contains("NAME").contains("READY").contains("imperative");
    assertThat(ok("get", "deployment", "imperative", "-o", "wide")).contains("wherry/hello:1");
    assertThat(ok("scale", "deployment", "imperative", "--replicas=3")).contains("scaled");
    assertThat(ok("get", "deployment", "imperative", "-o", "jsonpath={.spec.replicas}"))
        .isEqualTo("3");
    ok("annotate", "deployment", "imperative", "a=b");
    ok(
        "patch",
        "deployment",
        "imperative",
        "--type=json",
        "-p",
        "[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":5}]");
    assertThat(ok("get", "deployment", "imperative", "-o", "yaml")).contains("replicas: 5");
    assertThat(ok("describe", "deployment", "imperative")).contains("Name:");
    assertThat(ok("delete", "deployment", "imperative")).contains("deleted");
    assertThat(server.kubectl("get", "deployment", "imperative").err())
        .contains("Error from server (NotFound): deployments.apps \"imperative\" not found");
  }
}
