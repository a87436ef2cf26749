package dev.wherry.agent.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.Await;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.host.Command;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.tree.Json;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What those who made an Ingress are told of it. */
@Timeout(120)
class IngressesTest {
  private final DesiredState desired = new DesiredState();
  private final Collection<String> events = new ConcurrentLinkedQueue<>();
  private Ingresses ingresses;
  private int httpsPort;

  @BeforeEach
  void start() throws IOException {
    httpsPort = Offered.freePort();
    ingresses =
        new Ingresses(
            desired,
            new NodeName("n1"),
            _ -> List.of(),
            (ingress, reason, message) -> events.add(ingress + " " + reason + " " + message),
            Offered.freePort(),
            httpsPort);
    Offered.defaultClass(desired);
    ingresses.start();
  }

  @AfterEach
  void stop() {
    ingresses.close();
  }

  @Test
  void saysWhatIsNotUnderstoodOfAnIngressAndOnce() throws Exception {
    String ingress =
        """
        {"metadata": {"namespace": "default", "name": "web", "annotations": {
           "nginx.ingress.kubernetes.io/proxy-body-size": "8MB",
           "nginx.ingress.kubernetes.io/configuration-snippet": "return 200;",
           "nginx.ingress.kubernetes.io/mirror-target": "http://other",
           "nginx.ingress.kubernetes.io/proxy-buffering": "off",
           "example.org/own": "1"}},
         "spec": {"rules": [{"host": "%s", "http": {"paths": [
           {"path": "/static", "pathType": "Prefix", "backend":
             {"resource": {"apiGroup": "example.org", "kind": "Bucket", "name": "b"}}}]}}]}}
        """;
    desired.upsert(Resource.INGRESSES, Json.read(ingress.formatted("web.example")));
    Await.until("events", () -> events.size() >= 3);
    assertThat(events)
        .containsExactly(
            "default/web Annotation annotation nginx.ingress.kubernetes.io/proxy-body-size:"
                + " \"8MB\": must be a size such as 64k, 8m or 1g",
            "default/web Annotation annotations that do nothing here:"
                + " nginx.ingress.kubernetes.io/configuration-snippet, mirror-target",
            "default/web Backend path \"/static\": a backend of kind Bucket is not supported,"
                + " only services are: it answers 503");
    desired.upsert(Resource.INGRESSES, Json.read(ingress.formatted("other.example")));
    Await.until("an answer", () -> curl("other.example").equals("503"));
    assertThat(events).hasSize(3);
  }

  @Test
  void ledNowhereIsWhoAsksForProtectionThatThereIsNot() throws Exception {
    desired.upsert(
        Resource.INGRESSES,
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "web", "annotations": {
               "nginx.ingress.kubernetes.io/auth-url": "http://login"}},
             "spec": {"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}}}
            """));
    Await.until("an answer", () -> curl("web.example").equals("503"));
    assertThat(events)
        .singleElement()
        .asString()
        .isEqualTo(
            "default/web Annotation annotation nginx.ingress.kubernetes.io/auth-url:"
                + " \"http://login\": is not supported: no request is led anywhere without it");
  }

  @Test
  void saysThatASecretIsMissingWhenSomebodyComes() throws Exception {
    desired.upsert(
        Resource.INGRESSES,
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "web"},
             "spec": {"tls": [{"hosts": ["web.example"], "secretName": "cert"}],
               "defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}}}
            """));
    for (int i = 0; i < 2; i++) {
      Await.until("an answer", () -> curl("web.example").equals("503"));
    }
    assertThat(events)
        .containsExactly(
            "default/web Certificate Secret default/cert is missing:"
                + " a self-signed certificate is shown");
  }

  /** The status of the answer over TLS. */
  private String curl(String host) {
    try {
      return Command.of(
              "curl",
              "-sko",
              "/dev/null",
              "-w",
              "%{http_code}",
              "--resolve",
              host + ":" + httpsPort + ":127.0.0.1",
              "https://" + host + ":" + httpsPort + "/static")
          .run();
    } catch (IOException | InterruptedException _) {
      return "nothing"; // nobody listens yet
    }
  }
}
