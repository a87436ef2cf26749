package dev.wherry.master.http;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.Entrance;
import dev.wherry.master.access.Identity;
import dev.wherry.master.access.InitialObjects;
import dev.wherry.master.access.InitialRoles;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.audit.Audit;
import dev.wherry.master.ipam.ClusterNetwork;
import dev.wherry.master.pki.CertificateAuthority;
import dev.wherry.master.pki.Credential;
import dev.wherry.master.pki.Kubeconfig;
import dev.wherry.master.pki.ServerNames;
import dev.wherry.master.store.InMemoryStore;
import dev.wherry.master.store.KvStore;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The front end with real TLS on a free port, over a registry in memory. */
final class TestServer implements AutoCloseable {
  private static final long COMMAND_SECONDS = 60;

  /** What a command printed and how it ended. */
  record Outcome(int exitCode, String out, String err) {
    @Override
    public String toString() {
      return "exit " + exitCode + "\n" + out + err;
    }
  }

  final KvStore store;
  final FakeConnector connector = new FakeConnector();
  final List<HealthCheck> checks = new CopyOnWriteArrayList<>();
  final CertificateAuthority authority;
  final CertificateAuthority frontProxies;
  final ServerNames names;
  final Entrance entrance;
  final ObjectAccess objects;
  final HttpFrontEnd frontEnd;
  final Path directory;
  final Path kubeconfig;
  final Map<String, String> environment = new ConcurrentHashMap<>();

  TestServer(Path directory) throws IOException {
    this(directory, new InMemoryStore());
  }

  /** A server over this store, which it closes. */
  TestServer(Path directory, KvStore store) throws IOException {
    this(directory, store, Audit.NONE);
  }

  TestServer(Path directory, Audit audit) throws IOException {
    this(directory, new InMemoryStore(), audit);
  }

  private TestServer(Path directory, KvStore store, Audit audit) throws IOException {
    this.directory = directory;
    this.store = store;
    authority = CertificateAuthority.open(directory.resolve("pki"), InstantSource.system());
    frontProxies =
        CertificateAuthority.ofFrontProxies(directory.resolve("pki"), InstantSource.system());
    entrance = Entrance.open(store, ClusterNetwork.DEFAULT, InstantSource.system(), audit);
    objects = entrance.as(Identity.MASTER);
    InitialObjects.ensure(objects, ClusterNetwork.DEFAULT, 6443);
    InitialRoles.ensure(objects);
    names = ServerNames.ofApiServer("test-host", List.of(ServerNames.literal("10.43.0.1")));
    HttpOptions options =
        new HttpOptions(
            InetAddress.getLoopbackAddress(),
            0,
            authority,
            frontProxies,
            names,
            directory.resolve("openapi"));
    frontEnd = HttpFrontEnd.start(options, entrance, connector, checks);
    kubeconfig = directory.resolve("kubeconfig");
    Kubeconfig.write(kubeconfig, Kubeconfig.render(url(), authority, authority.administrator()));
  }

  String url() {
    return "https://127.0.0.1:" + frontEnd.port();
  }

  /** A pod {@code default/p} with a container {@code c} that its node says is ready. */
  Obj runningPod() {
    Obj container = Obj.of("name", "c", "image", "wherry/hello:1");
    Obj pod =
        objects.create(
            GroupResource.PODS,
            Obj.of(
                "apiVersion",
                "v1",
                "kind",
                "Pod",
                "metadata",
                Obj.of("name", "p", "namespace", "default"),
                "spec",
                Obj.of("containers", List.of(container))));
    Obj ready = Obj.of("type", "Ready", "status", "True");
    return objects.updateStatus(
        GroupResource.PODS,
        pod.withAt(Obj.of("phase", "Running", "conditions", List.of(ready)), "status"));
  }

  /** Runs kubectl to its end. */
  Outcome kubectl(String... arguments) throws IOException, InterruptedException {
    return run("", List.of(arguments));
  }

  /** Runs kubectl with this on its standard input. */
  Outcome kubectlWithInput(String input, String... arguments)
      throws IOException, InterruptedException {
    return run(input, List.of(arguments));
  }

  private Outcome run(String input, List<String> arguments)
      throws IOException, InterruptedException {
    Path out = Files.createTempFile(directory, "out", "");
    Path err = Files.createTempFile(directory, "err", "");
    Process process =
        command(arguments).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    try (var stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It ended without reading: what it says tells why.
      assert e.getMessage() != null;
    }
    if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException(
          "kubectl "
              + arguments
              + " did not end: "
              + Files.readString(out)
              + Files.readString(err));
    }
    return new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  ProcessBuilder command(List<String> arguments) {
    List<String> line = new ArrayList<>(List.of("kubectl"));
    line.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.environment().put("KUBECONFIG", kubeconfig.toString());
    builder.environment().putAll(environment);
    builder.environment().put("HOME", directory.toString()); // its cache too
    return builder;
  }

  /** TLS that trusts this server, with the administrator's certificate. */
  SSLContext administratorTls() throws Exception {
    return tls(keys(authority.administrator(), authority));
  }

  static KeyManagerFactory keys(Credential credential, CertificateAuthority issuer)
      throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(null, null);
    keys.setKeyEntry(
        "client",
        credential.key(),
        new char[0],
        new Certificate[] {credential.certificate(), issuer.certificate()});
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, new char[0]);
    return managers;
  }

  /** TLS that trusts this server and shows no certificate. */
  SSLContext anonymousTls() throws Exception {
    KeyManagerFactory none = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    KeyStore empty = KeyStore.getInstance("PKCS12");
    empty.load(null, null);
    none.init(empty, new char[0]);
    return tls(none);
  }

  SSLContext tls(KeyManagerFactory keys) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("ca", authority.certificate());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  @Override
  public void close() throws Exception {
    frontEnd.close();
    entrance.close();
    store.close();
  }
}
