package dev.wherry.master.bootstrap;

import dev.wherry.api.lifecycle.Parts;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.schema.SchemaTable;
import dev.wherry.master.access.Entrance;
import dev.wherry.master.access.Identity;
import dev.wherry.master.access.InitialDocuments;
import dev.wherry.master.access.InitialFlows;
import dev.wherry.master.access.InitialRoles;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.audit.Audit;
import dev.wherry.master.audit.AuditLog;
import dev.wherry.master.audit.AuditPolicy;
import dev.wherry.master.auth.AccountTokens;
import dev.wherry.master.auth.TokenSettings;
import dev.wherry.master.controllers.ControllerOptions;
import dev.wherry.master.controllers.Controllers;
import dev.wherry.master.controllers.serviceaccount.AccountSecrets;
import dev.wherry.master.fleet.EnrolmentService;
import dev.wherry.master.fleet.FleetServer;
import dev.wherry.master.fleet.FleetService;
import dev.wherry.master.fleet.JoinTokens;
import dev.wherry.master.fleet.Networks;
import dev.wherry.master.fleet.NodeDirectories;
import dev.wherry.master.fleet.PodConnector;
import dev.wherry.master.http.HttpFrontEnd;
import dev.wherry.master.http.HttpOptions;
import dev.wherry.master.pki.CertificateAuthority;
import dev.wherry.master.pki.Credential;
import dev.wherry.master.pki.Kubeconfig;
import dev.wherry.master.pki.ServerNames;
import dev.wherry.master.pki.SigningKeys;
import dev.wherry.master.reconcile.ServedResources;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.BuiltInSchema;
import dev.wherry.master.registry.Registry;
import dev.wherry.master.registry.VirtualResource;
import dev.wherry.master.registry.kinds.BuiltInKinds;
import dev.wherry.master.samples.MetricsResources;
import dev.wherry.master.samples.UsageSamples;
import dev.wherry.master.store.FencedException;
import dev.wherry.master.store.KvStore;
import dev.wherry.master.store.disk.DiskStore;
import dev.wherry.master.store.disk.StoreOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control plane: store, registry, controllers, fleet of agents and HTTP API, composed by hand
 * in the order in which they need each other. Thread-safe.
 */
public final class Master implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Master.class);

  /** What was started, the last first. */
  private final Parts parts =
      new Parts((part, failure) -> LOG.warn("while stopping {}", part, failure));

  private final CertificateAuthority authority;
  private final CertificateAuthority frontProxies;
  private final Entrance entrance;
  private final FleetService fleet;
  private final int apiPort;
  private final MasterOptions options;

  private Master(MasterOptions options, Consumer<FencedException> onFenced) throws IOException {
    this.options = options;
    InstantSource clock = InstantSource.system();
    StoreHealth health = new StoreHealth(onFenced);
    UsageSamples samples = new UsageSamples(System::nanoTime);
    try {
      AgentPort.forget(options.dataDirectory());
      Path pki = options.dataDirectory().resolve("pki");
      authority = CertificateAuthority.open(pki, clock);
      frontProxies = CertificateAuthority.ofFrontProxies(pki, clock);
      frontProxies.frontProxyClient();
      AccountTokens tokens =
          new AccountTokens(
              SigningKeys.open(pki.resolve("service-accounts.pem")), TokenSettings.DEFAULT, clock);
      entrance =
          new Entrance(
              registry(samples, health, clock),
              tokens,
              clock,
              audit(options, clock),
              AdmissionConfig.read(options.admissionConfig()));
      ObjectAccess own = entrance.as(Identity.MASTER);
      fleet = parts.add(fleet(own, clock));
      fleet.onUsage(samples);
      Timer timer = parts.add(Timer.system());
      parts.add(Controllers.start(entrance::as, timer, controllers(tokens, samples)));
      InitialRoles.ensure(own);
      InitialFlows.ensure(own);
      fleet.start();
      HttpFrontEnd http =
          parts.add(
              HttpFrontEnd.start(
                  httpOptions(), entrance, new PodConnector(fleet), List.of(health.check())));
      apiPort = http.port();
      CertificateRenewal.daily(timer, http::renewCertificate);
      introduce(own);
      LOG.info("the Kubernetes API listens on port {}", apiPort);
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Starts a master; it serves when this returns.
   *
   * @param onFenced told once when the store can no longer make writes durable; the process is then
   *     to be ended
   * @throws IOException with a message for the user
   */
  public static Master start(MasterOptions options, Consumer<FencedException> onFenced)
      throws IOException {
    return new Master(options, onFenced);
  }

  private Registry registry(UsageSamples samples, StoreHealth health, InstantSource clock)
      throws IOException {
    KvStore store =
        parts.add(SecretsAtRest.over(openStore(options, health), options.dataDirectory()));
    return parts.add(
        new Registry(
            store,
            BuiltInKinds.definitions(),
            virtual(samples, health),
            new BuiltInSchema(SchemaTable.builtIn()),
            BuiltInKinds.allocations(options.network()),
            clock));
  }

  private FleetService fleet(ObjectAccess own, InstantSource clock) {
    return new FleetService(
        own,
        node -> entrance.as(Identity.node(node.text())),
        new Networks(options.network().pods().toString(), options.network().services().toString()),
        clock);
  }

  private ControllerOptions controllers(AccountTokens tokens, UsageSamples samples) {
    return new ControllerOptions(
            authority.pem(),
            ServedResources.of(entrance.definitions()),
            fleet.heartbeats()::lastSeen)
        .withLoadBalancers(options.loadBalancers())
        .withMonitoring(options.monitoring())
        .withAccountSecrets(new AccountSecrets(tokens::secretToken, options.legacyTokens()))
        .withDirectories(new NodeDirectories(fleet)::remove)
        .withSamples(samples)
        .withCertificates(new ClusterSigner(authority));
  }

  /** Tells clients, pods and nodes where the cluster is: the objects and the file that say so. */
  private void introduce(ObjectAccess own) throws IOException {
    advertise(options.advertised());
    InitialDocuments.ensure(
        own,
        authority.pem(),
        frontProxies.pem(),
        CertificateAuthority.FRONT_PROXY_CLIENT,
        "https://" + options.advertised().getHostAddress() + ":" + apiPort);
    new DefaultIngressClass(own).ensure();
    new NameService(own, options.network().nameServerIp()).ensure();
    Kubeconfig.write(
        options.kubeconfig(),
        Kubeconfig.render("https://127.0.0.1:" + apiPort, authority, authority.administrator()));
  }

  private Audit audit(MasterOptions options, InstantSource clock) throws IOException {
    if (options.audit().isOff()) {
      return Audit.NONE;
    }
    AuditPolicy policy = options.audit().policy();
    AuditLog log = parts.add(AuditLog.open(options.audit().log(options.dataDirectory()), clock));
    return new Audit(policy, log, clock);
  }

  private static List<VirtualResource> virtual(UsageSamples samples, StoreHealth health) {
    List<VirtualResource> all = new ArrayList<>(BuiltInKinds.unstored(health.check().failure()));
    all.addAll(MetricsResources.of(samples));
    return all;
  }

  private static KvStore openStore(MasterOptions options, Consumer<FencedException> onFenced)
      throws IOException {
    return DiskStore.open(
        options.dataDirectory().resolve("store"),
        StoreOptions.defaults()
            .withVolatilePrefixes(List.of(Registry.HEARTBEATS))
            .withOnFenced(onFenced));
  }

  private static ServerNames serverNames(MasterOptions options) {
    return ServerNames.ofApiServer(
        options.hostName(),
        List.of(options.advertised(), InetAddress.ofLiteral(options.network().apiServiceIp())));
  }

  private HttpOptions httpOptions() {
    return new HttpOptions(
        InetAddress.ofLiteral("0.0.0.0"),
        options.apiPort(),
        authority,
        frontProxies,
        serverNames(options),
        options.dataDirectory().resolve("openapi"));
  }

  /** The objects as this identity may use them. */
  public ObjectAccess access(Identity identity) {
    return entrance.as(identity);
  }

  /** Has nodes and pods reach the API at this address from now on. */
  public void advertise(InetAddress address) {
    new ApiService(access(Identity.MASTER), options.network(), address, apiPort).ensure();
  }

  /** Where the API listens. */
  public int apiPort() {
    return apiPort;
  }

  /**
   * Serves the agent of this node, which lives in this process, on gRPC's in-process channel of the
   * node's name.
   */
  public void serveInProcess(NodeName node, String channel) throws IOException {
    parts.add(FleetServer.inProcess(channel, node, fleet));
  }

  /**
   * Serves agents in other processes over TLS; a token for those on this machine is kept in a file
   * of the data directory.
   *
   * @return the file with the token
   */
  public Path serveAgents(int port) throws IOException {
    JoinTokens tokens = tokens();
    Path tokenFile = options.dataDirectory().resolve("join-token");
    tokens.keepLocalToken(tokenFile);
    parts.add(agentServer(tokens, port));
    AgentPort.write(options.dataDirectory(), port);
    return tokenFile;
  }

  /**
   * Serves agents in other processes as soon as one could come: when there is a join token, or a
   * node other than this process's own. Until then nothing listens and nothing is paid for.
   */
  public void serveAgentsOnDemand(NodeName own, int port) {
    AgentDoor door =
        new AgentDoor(
            access(Identity.MASTER),
            own,
            () -> {
              FleetServer server = agentServer(tokens(), port);
              AgentPort.write(options.dataDirectory(), port);
              return server;
            });
    parts.add(door);
    door.watch();
  }

  private JoinTokens tokens() {
    return new JoinTokens(access(Identity.MASTER), authority.certificate(), InstantSource.system());
  }

  private FleetServer agentServer(JoinTokens tokens, int port) throws IOException {
    Credential server = authority.server(serverNames(options));
    return FleetServer.tls(
        new FleetServer.Tls(
            new InetSocketAddress(port),
            server.key(),
            List.of(server.certificate(), authority.certificate())),
        fleet,
        new EnrolmentService(tokens, new AuthorityOfNodes(authority), fleet));
  }

  /** Stops everything, the last started first. What was acknowledged is on disk. */
  @Override
  public void close() {
    parts.close();
  }
}
