package dev.wherry.cli;

import dev.wherry.agent.config.NodeNetwork;
import dev.wherry.agent.network.NodeAddress;
import dev.wherry.agent.network.PeerMode;
import dev.wherry.master.controllers.serviceaccount.AccountSecrets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** Flags of the commands that start a server. */
final class ServerOptions {
  static final int DEFAULT_AGENT_PORT = 6444;

  private static final Pattern DNS_SUBDOMAIN =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

  @Option(
      names = "--node-monitor-grace-period",
      paramLabel = "SECONDS",
      description = "for how long a node may be silent before its pods are given up (default: 50)",
      defaultValue = "50")
  private int nodeGraceSeconds = 50;

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
              + " routes, vxlan (default: ${DEFAULT-VALUE})",
      defaultValue = "auto")
  private PeerMode peerMode = PeerMode.AUTO;

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

  int agentPort() {
    return agentPort;
  }

  NodeNetwork nodeNetwork() {
    try {
      return new NodeNetwork(peerMode, ingressHttpPort, ingressHttpsPort);
    } catch (IllegalArgumentException e) {
      throw new UserError("--ingress-http-port, --ingress-https-port: " + e.getMessage(), e);
    }
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

  /** For how long a node may be silent. */
  Duration nodeGrace() {
    if (nodeGraceSeconds < 1) {
      throw new UserError("--node-monitor-grace-period must be positive, not " + nodeGraceSeconds);
    }
    return Duration.ofSeconds(nodeGraceSeconds);
  }
}
