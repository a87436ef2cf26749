package dev.wherry.cli;

import dev.wherry.agent.config.AgentOptions;
import dev.wherry.agent.config.NodeNetwork;
import dev.wherry.agent.network.NodeAddress;
import dev.wherry.agent.network.PeerMode;
import dev.wherry.agent.network.ProxyMode;
import dev.wherry.api.object.NodeName;
import dev.wherry.master.bootstrap.AuditOptions;
import dev.wherry.master.controllers.node.NodeMonitoring;
import dev.wherry.master.controllers.serviceaccount.AccountSecrets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Flags of the commands that start a server. */
final class ServerOptions {
  static final int DEFAULT_AGENT_PORT = 6444;

  private static final Pattern DNS_SUBDOMAIN =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

  @Mixin private NodePolicyOptions policy = new NodePolicyOptions();

  @Mixin private EngineFlags engine = new EngineFlags();

  @Mixin private NodeMonitorOptions monitor = new NodeMonitorOptions();

  @Option(
      names = "--api-port",
      paramLabel = "PORT",
      description = "where the Kubernetes API listens (default: ${DEFAULT-VALUE})",
      defaultValue = "6443")
  private int apiPort = 6443;

  @Option(
      names = "--node-name",
      paramLabel = "NAME",
      description = "this node's name (default: the host's)",
      defaultValue = "")
  private String nodeName = "";

  @Option(
      names = "--node-address",
      paramLabel = "IP",
      description = "this node's address (default: the one that the default route uses)",
      defaultValue = "")
  private String nodeAddress = "";

  @Option(
      names = "--agent-port",
      paramLabel = "PORT",
      description = "where the master listens for other nodes' agents (default: ${DEFAULT-VALUE})",
      defaultValue = "6444")
  private int agentPort = DEFAULT_AGENT_PORT;

  @Option(
      names = "--peers",
      paramLabel = "MODE",
      description =
          "how packets reach other nodes' pods: auto (a route on the same network, else VXLAN),"
              + " routes, vxlan (default: auto; with --cni: left to the plugins)")
  private @Nullable PeerMode peerMode;

  @Option(
      names = "--proxy-mode",
      paramLabel = "MODE",
      description =
          "who balances services: auto (the kernel where it has nftables, else this process),"
              + " nftables, userspace (default: ${DEFAULT-VALUE})",
      defaultValue = "auto")
  private ProxyMode proxyMode = ProxyMode.AUTO;

  @Option(
      names = "--cni",
      paramLabel = "DIR",
      description =
          "has CNI plugins connect pods, by the first configuration in this directory"
              + " (default: none, Wherry connects them)",
      defaultValue = "")
  private String cni = "";

  @Option(
      names = "--cni-bin-dir",
      paramLabel = "DIR[:DIR]",
      description = "where CNI plugins are (default: ${DEFAULT-VALUE})",
      defaultValue = "/opt/cni/bin:/usr/lib/cni")
  private String cniPrograms = "/opt/cni/bin:/usr/lib/cni";

  @Option(
      names = "--ingress-http-port",
      paramLabel = "PORT",
      description = "where this node serves Ingresses; 0: not (default: ${DEFAULT-VALUE})",
      defaultValue = "80")
  private int ingressHttpPort = 80;

  @Option(
      names = "--ingress-https-port",
      paramLabel = "PORT",
      description = "where it serves them over TLS; 0: not (default: ${DEFAULT-VALUE})",
      defaultValue = "443")
  private int ingressHttpsPort = 443;

  @Option(
      names = "--pod-manifest-path",
      paramLabel = "DIR",
      description =
          "whose files are pods that this node runs by itself (default: manifests/ in the data"
              + " directory)",
      defaultValue = "")
  private String podManifestPath = "";

  @Mixin private LogFlags logs = new LogFlags();

  @Option(
      names = "--no-install",
      description = "list what is missing on this machine instead of installing it")
  private boolean noInstall;

  @Option(
      names = {"--legacy-service-account-tokens", "--legacyServiceAccountTokens"},
      description =
          "make a Secret with a token for every service account, as Kubernetes before 1.24 did")
  private boolean legacyTokens;

  /** Whether every service account gets a Secret with a token. */
  AccountSecrets.Legacy legacyTokens() {
    return legacyTokens ? AccountSecrets.Legacy.ON : AccountSecrets.Legacy.OFF;
  }

  @Option(
      names = "--node-labels",
      paramLabel = "KEY=VALUE,...",
      description = "labels of this node, such as topology.kubernetes.io/zone=cellar",
      defaultValue = "")
  private String nodeLabels = "";

  @Option(
      names = "--admission-control-config-file",
      paramLabel = "FILE",
      description =
          "how PodSecurity and ResourceQuota admit, an apiserver.config.k8s.io/v1"
              + " AdmissionConfiguration (default: none)",
      defaultValue = "")
  private String admissionConfig = "";

  @Mixin private AuditFlags audit = new AuditFlags();

  @Mixin private ImageFlags images = new ImageFlags();

  /** What the agent of this node is told. */
  AgentOptions agentOptions(Layout layout) {
    Path manifests =
        podManifestPath.isEmpty() ? layout.manifests() : Path.of(podManifestPath).toAbsolutePath();
    return layout
        .agentOptions(new NodeName(nodeName()), fixedNodeAddress())
        .withEngine(engine.choice())
        .withNetwork(nodeNetwork())
        .withManifests(manifests)
        .withPolicy(policy.policy(layout.devicePlugins()))
        .withImages(images.images())
        .withLogs(logs.of(layout))
        .withLabels(NodeLabels.parse(nodeLabels));
  }

  /** A file; empty: there is none. */
  String admissionConfig() {
    return admissionConfig.isEmpty() ? "" : Path.of(admissionConfig).toAbsolutePath().toString();
  }

  AuditOptions audit() {
    return audit.options();
  }

  int agentPort() {
    return agentPort;
  }

  private NodeNetwork nodeNetwork() {
    try {
      return new NodeNetwork(
          Optional.ofNullable(peerMode), proxyMode, cni(), ingressHttpPort, ingressHttpsPort);
    } catch (IllegalArgumentException e) {
      throw new UserError("--ingress-http-port, --ingress-https-port: " + e.getMessage(), e);
    }
  }

  private Optional<NodeNetwork.Cni> cni() {
    return cni.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new NodeNetwork.Cni(
                Path.of(cni), Arrays.stream(cniPrograms.split(":")).map(Path::of).toList()));
  }

  int apiPort() {
    if (apiPort < 1 || apiPort > 65535) {
      throw new UserError("--api-port must be between 1 and 65535, not " + apiPort);
    }
    return apiPort;
  }

  /** The name given, or the host's in lower case. */
  String nodeName() {
    String name = nodeName.isEmpty() ? hostName() : nodeName;
    if (name.length() > 253 || !DNS_SUBDOMAIN.matcher(name).matches()) {
      throw new UserError(
          "--node-name must be a DNS subdomain (lower case letters, digits, '-' and '.'), not \""
              + name
              + "\"");
    }
    return name;
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT);
    } catch (UnknownHostException e) {
      return "localhost"; // a host whose own name does not resolve
    }
  }

  InetAddress nodeAddress() {
    try {
      return nodeAddress.isEmpty()
          ? NodeAddress.ofDefaultRoute()
          : InetAddress.ofLiteral(nodeAddress);
    } catch (IllegalArgumentException e) {
      throw new UserError("--node-address must be an IP address, not \"" + nodeAddress + "\"", e);
    }
  }

  /** The address given; empty: that of the default route, whichever it is by then. */
  String fixedNodeAddress() {
    return nodeAddress.isEmpty() ? "" : nodeAddress().getHostAddress();
  }

  boolean noInstall() {
    return noInstall;
  }

  /** Fails with one line when another process listens on the API's port. */
  void checkPortFree() {
    try (ServerSocket _ = new ServerSocket(apiPort())) {
      return;
    } catch (IOException e) {
      throw new UserError(
          "port " + apiPort + " is in use by another process; choose one with --api-port", e);
    }
  }

  /** How patient the master is with nodes. */
  NodeMonitoring monitoring() {
    return monitor.monitoring();
  }
}
