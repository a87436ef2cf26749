package dev.wherry.master.controllers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.BootstrapToken;
import dev.wherry.master.access.Identity;
import dev.wherry.master.access.InitialDocuments;
import dev.wherry.master.controllers.certificate.CertificateIssuer;
import dev.wherry.master.pki.CertificateAuthority;
import dev.wherry.master.pki.CertificateRequest;
import dev.wherry.master.pki.CertificateText;
import dev.wherry.master.pki.KeyUsage;
import dev.wherry.master.pki.SampleRequests;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.DeleteOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How machines that have nothing but a bootstrap token come to be nodes. */
class BootstrapTest {
  private static final ObjectKey CLUSTER_INFO = new ObjectKey("kube-public", "cluster-info");
  private static final GroupResource REQUESTS =
      new GroupResource("certificates.k8s.io", "certificatesigningrequests");
  private static final GroupResource ROLES =
      new GroupResource("rbac.authorization.k8s.io", "clusterroles");
  private static final GroupResource ROLE_BINDINGS =
      new GroupResource("rbac.authorization.k8s.io", "clusterrolebindings");
  private static final String SECRET = "0123456789abcdef";

  private final Timer timer = Timer.system();
  private final Cluster cluster = new Cluster(timer);

  @TempDir private Path directory;

  /** Of an authority of its own. */
  private CertificateIssuer issuer() throws IOException {
    CertificateAuthority authority = CertificateAuthority.open(directory, timer);
    return new CertificateIssuer() {
      @Override
      public Wish read(String pem) {
        CertificateRequest request = CertificateRequest.parsePem(pem);
        return new Wish(
            request.subject().commonName(),
            request.subject().organizations(),
            List.of(),
            List.of(),
            List.of(),
            List.of());
      }

      @Override
      public String sign(String pem, Set<Usage> usages, Duration life) {
        return authority.sign(CertificateRequest.parsePem(pem), Set.of(KeyUsage.CLIENT_AUTH), life);
      }

      @Override
      public Instant end(String pem) {
        return CertificateText.parse(pem).certificates().getFirst().getNotAfter().toInstant();
      }
    };
  }

  @BeforeEach
  void start() throws IOException {
    InitialDocuments.ensure(cluster.objects, "CA", "PROXY CA", "front", "https://10.0.0.1:6443");
    cluster.startControllers(_ -> Optional.empty(), UnaryOperator.identity(), issuer());
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
    timer.close();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  private void token(String id, String... more) {
    Obj data =
        Obj.of(
            "token-id",
            base64(id),
            "token-secret",
            base64(SECRET),
            "usage-bootstrap-authentication",
            base64("true"));
    for (int i = 0; i < more.length; i += 2) {
      data = data.with(more[i], base64(more[i + 1]));
    }
    ObjectKey key = BootstrapToken.key(id);
    cluster.objects.create(
        GroupResource.SECRETS,
        Obj.of(
            "metadata",
            Obj.of("namespace", key.namespace(), "name", key.name()),
            "type",
            BootstrapToken.TYPE,
            "data",
            data));
  }

  private String signature(String id) {
    return cluster
        .objects
        .get(GroupResource.CONFIG_MAPS, CLUSTER_INFO)
        .obj("data")
        .string("jws-kubeconfig-" + id);
  }

  @Test
  void everySigningTokenSignsWhereTheClusterIs() throws Exception {
    token("silent");
    token("signer", "usage-bootstrap-signing", "true");
    cluster.await("it signs", () -> !signature("signer").isEmpty());
    assertThat(signature("silent")).isEmpty();
    String[] parts = signature("signer").split("\\.", -1);
    assertThat(parts).hasSize(3);
    assertThat(parts[1]).isEmpty();
    Obj header = Json.read(Base64.getUrlDecoder().decode(parts[0]));
    assertThat(header).isEqualTo(Obj.of("alg", "HS256", "kid", "signer"));
    String kubeconfig =
        cluster
            .objects
            .get(GroupResource.CONFIG_MAPS, CLUSTER_INFO)
            .obj("data")
            .string("kubeconfig");
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(SECRET.getBytes(UTF_8), "HmacSHA256"));
    String content =
        Base64.getUrlEncoder().withoutPadding().encodeToString(kubeconfig.getBytes(UTF_8));
    assertThat(Base64.getUrlDecoder().decode(parts[2]))
        .isEqualTo(mac.doFinal((parts[0] + "." + content).getBytes(UTF_8)));
    cluster.objects.delete(
        GroupResource.SECRETS, BootstrapToken.key("signer"), DeleteOptions.DEFAULT);
    cluster.await("its signature goes", () -> signature("signer").isEmpty());
  }

  @Test
  void aTokenThatHasEndedIsRemoved() {
    token("gone00", "expiration", Meta.Times.format(timer.instant().minusSeconds(5)));
    token("soon00", "expiration", Meta.Times.format(timer.instant().plusSeconds(2)));
    token("stays0", "expiration", Meta.Times.format(timer.instant().plusSeconds(3600)));
    for (String id : List.of("gone00", "soon00")) {
      cluster.await(
          id + " is removed",
          () -> cluster.find(GroupResource.SECRETS, BootstrapToken.key(id)).isEmpty());
    }
    assertThat(cluster.find(GroupResource.SECRETS, BootstrapToken.key("stays0"))).isPresent();
  }

  private void allowNodeClients() {
    cluster.objects.create(
        ROLES,
        Cluster.json(
            """
            {'metadata':{'name':'nodeclient'},'rules':[{'verbs':['create'],
             'apiGroups':['certificates.k8s.io'],
             'resources':['certificatesigningrequests','certificatesigningrequests/nodeclient']}]}"""));
    cluster.objects.create(
        ROLE_BINDINGS,
        Cluster.json(
            """
            {'metadata':{'name':'nodeclient'},'roleRef':{'kind':'ClusterRole','name':'nodeclient'},
             'subjects':[{'kind':'Group','name':'system:bootstrappers'}]}"""));
  }

  private Obj request(String name, String commonName) {
    return Cluster.json(
        """
        {'metadata':{'name':'%s'},'spec':{'signerName':'kubernetes.io/kube-apiserver-client-kubelet',
         'request':'%s','usages':['client auth','digital signature']}}"""
            .formatted(name, SampleRequests.base64(commonName, "system:nodes")));
  }

  private List<String> conditions(String name) {
    return cluster
        .objects
        .get(REQUESTS, new ObjectKey("", name))
        .obj("status")
        .objs("conditions")
        .stream()
        .map(each -> each.string("type") + " " + each.string("reason"))
        .toList();
  }

  @Test
  void whoMayBringNodesGetsTheirCertificatesApproved() {
    allowNodeClients();
    Identity bootstrapper =
        new Identity("system:bootstrap:abcdef", List.of("system:bootstrappers"));
    cluster.await(
        "the request is made",
        () -> {
          try {
            cluster.as(bootstrapper).create(REQUESTS, request("node", "system:node:a"));
            return true;
          } catch (dev.wherry.api.status.StatusException e) {
            return false; // the roles are on their way
          }
        });
    cluster.await(
        "its certificate is there",
        () ->
            !cluster
                .objects
                .get(REQUESTS, new ObjectKey("", "node"))
                .obj("status")
                .string("certificate")
                .isEmpty());
    assertThat(conditions("node")).containsExactly("Approved AutoApproved");
    cluster.objects.create(REQUESTS, request("odd", "jane"));
    cluster.as(bootstrapper).create(REQUESTS, request("other", "jane"));
    cluster.as(bootstrapper).create(REQUESTS, request("last", "system:node:b"));
    cluster.await("the last is approved", () -> !conditions("last").isEmpty());
    assertThat(conditions("other")).isEmpty();
  }

  @Test
  void serversBehindTheApiLearnHowClientsProveThemselves() {
    Obj data =
        cluster
            .objects
            .get(
                GroupResource.CONFIG_MAPS,
                new ObjectKey("kube-system", "extension-apiserver-authentication"))
            .obj("data");
    assertThat(data.string("client-ca-file")).isEqualTo("CA");
    assertThat(data.string("requestheader-client-ca-file")).isEqualTo("PROXY CA");
    assertThat(data.string("requestheader-allowed-names")).isEqualTo("[\"front\"]");
    assertThat(data.string("requestheader-username-headers")).isEqualTo("[\"X-Remote-User\"]");
    assertThat(data.string("requestheader-group-headers")).isEqualTo("[\"X-Remote-Group\"]");
    assertThat(data.string("requestheader-extra-headers-prefix"))
        .isEqualTo("[\"X-Remote-Extra-\"]");
  }
}
