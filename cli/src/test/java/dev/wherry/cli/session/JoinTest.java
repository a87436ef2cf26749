package dev.wherry.cli.session;

import static dev.wherry.cli.session.Waiting.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.link.JoinToken;
import dev.wherry.agent.link.JoinedChannels;
import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.master.fleet.EnrolmentService;
import dev.wherry.master.fleet.FleetServer;
import dev.wherry.master.fleet.JoinTokens;
import dev.wherry.master.fleet.NodeSigner;
import dev.wherry.master.pki.CertificateAuthority;
import dev.wherry.master.pki.Credential;
import dev.wherry.master.pki.ServerNames;
import dev.wherry.master.registry.DeleteOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two processes' worth of master and agent over real TLS on the loopback device. */
@Timeout(60)
class JoinTest {
  private Path directory = Path.of("");
  private final SimulatedMaster master = new SimulatedMaster();
  private final List<AutoCloseable> open = new ArrayList<>();
  private CertificateAuthority authority;
  private JoinTokens tokens;
  private FleetServer server;

  /** Signs with the cluster's authority, as the master's bootstrap does. */
  private record Signer(CertificateAuthority certificates) implements NodeSigner {
    @Override
    public X509Certificate authority() {
      return certificates.certificate();
    }

    @Override
    public X509Certificate sign(PublicKey key, NodeName node) {
      return certificates.signClient(key, "system:node:" + node, List.of("system:nodes"));
    }
  }

  @BeforeEach
  void serve(@TempDir Path temporary) throws IOException {
    directory = temporary;
    authority = CertificateAuthority.open(directory.resolve("pki"), InstantSource.system());
    tokens = new JoinTokens(master.access(), authority.certificate(), InstantSource.system());
    Credential credential =
        authority.server(ServerNames.ofApiServer(FleetServer.Tls.SERVER_NAME, List.of()));
    server =
        FleetServer.tls(
            new FleetServer.Tls(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                credential.key(),
                List.of(credential.certificate(), authority.certificate())),
            master.fleet(),
            new EnrolmentService(tokens, new Signer(authority), master.fleet()));
    open.add(server);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    master.close();
  }

  private JoinedChannels joining(String node, String token) throws IOException {
    return joining(node, token, node, InstantSource.system());
  }

  private JoinedChannels joining(String node, String token, String identity, InstantSource clock)
      throws IOException {
    JoinedChannels channels =
        JoinedChannels.byToken(
            new NodeName(node),
            "127.0.0.1",
            server.port(),
            JoinToken.parse(token),
            directory.resolve(identity),
            clock);
    open.add(channels);
    return channels;
  }

  private SimulatedAgent agent(String node, JoinedChannels channels) {
    NoStreams none = new NoStreams();
    SimulatedAgent agent = new SimulatedAgent(node, channels, none, none);
    open.add(agent);
    return agent;
  }

  @Test
  void joinsByATokenAndWorksOverMutualTls() throws Exception {
    SimulatedAgent agent =
        agent("edge", joining("edge", tokens.create(Duration.ofHours(1), "for the test")));
    master.createPod("a", "edge");
    until(
        "the pod runs",
        () ->
            master
                .find(GroupResource.PODS, new ObjectKey("default", "a"))
                .filter(pod -> pod.obj("status").string("phase").equals("Running"))
                .isPresent());
    assertThat(agent.podNames()).containsExactly("a");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(directory.resolve("edge/node.key"))))
        .isEqualTo("rw-------");
  }

  /** The connection from the address before hangs until keep-alive notices. */
  @Test
  void aMachineWithAnotherAddressConnectsAnewAtOnce() throws Exception {
    JoinedChannels channels = joining("edge", tokens.create(Duration.ofHours(1), ""));
    SimulatedAgent agent = agent("edge", channels);
    until("it joined", () -> master.fleet().isConnected(agent.node));
    channels.moved();
    until("its session ended", () -> !master.fleet().isConnected(agent.node));
    until("it is back", () -> master.fleet().isConnected(agent.node));
  }

  @Test
  void aJoinedNodeNeedsNoTokenAnyMore() throws Exception {
    String token = tokens.create(Duration.ofHours(1), "");
    SimulatedAgent first = agent("edge", joining("edge", token));
    until("it joined", () -> master.fleet().isConnected(first.node));
    first.close();
    tokens.list().forEach(each -> tokens.delete(each.id()));
    until("it left", () -> !master.fleet().isConnected(first.node));
    JoinedChannels again =
        JoinedChannels.ofJoined(
            first.node,
            "127.0.0.1",
            server.port(),
            directory.resolve("edge"),
            InstantSource.system());
    open.add(again);
    agent("edge", again);
    until("it is back", () -> master.fleet().isConnected(first.node));
  }

  @Test
  void anExpiredCertificateIsRenewedByTheNodesKey() throws Exception {
    String token = tokens.create(Duration.ofHours(1), "");
    SimulatedAgent first = agent("edge", joining("edge", token));
    until("it joined", () -> master.fleet().isConnected(first.node));
    first.close();
    byte[] before = Files.readAllBytes(directory.resolve("edge/node.crt"));
    tokens.list().forEach(each -> tokens.delete(each.id()));
    Instant inYears = Instant.now().plus(Duration.ofDays(800));
    agent("edge", joining("edge", token, "edge", InstantSource.fixed(inYears)));
    until(
        "a new certificate",
        () -> {
          try {
            return !Arrays.equals(before, Files.readAllBytes(directory.resolve("edge/node.crt")));
          } catch (IOException e) {
            return false;
          }
        });
    until("it is back", () -> master.fleet().isConnected(first.node));
  }

  @Test
  void aNodeWhoseClockHasJumpedMonthsEitherWayComesBack() throws Exception {
    String token = tokens.create(Duration.ofHours(1), "");
    SimulatedAgent first = agent("edge", joining("edge", token));
    until("it joined", () -> master.fleet().isConnected(first.node));
    first.close();
    tokens.list().forEach(each -> tokens.delete(each.id()));
    for (Duration jump : List.of(Duration.ofDays(-200), Duration.ofDays(500))) {
      until("it left", () -> !master.fleet().isConnected(first.node));
      InstantSource clock = InstantSource.offset(InstantSource.system(), jump);
      SimulatedAgent again = agent("edge", joining("edge", token, "edge", clock));
      until("it is back, " + jump, () -> master.fleet().isConnected(first.node));
      again.close();
    }
  }

  @Test
  void aMasterWhoseClockFellBackTakesCertificatesThatAreNotValidYet() throws Exception {
    InstantSource later = InstantSource.offset(InstantSource.system(), Duration.ofDays(300));
    CertificateAuthority ahead = CertificateAuthority.open(directory.resolve("pki"), later);
    Credential credential =
        ahead.server(ServerNames.ofApiServer(FleetServer.Tls.SERVER_NAME, List.of()));
    server =
        FleetServer.tls(
            new FleetServer.Tls(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                credential.key(),
                List.of(credential.certificate(), ahead.certificate())),
            master.fleet(),
            new EnrolmentService(tokens, new Signer(ahead), master.fleet()));
    open.add(server);
    SimulatedAgent agent = agent("edge", joining("edge", tokens.create(Duration.ofHours(1), "")));
    until("it joined", () -> master.fleet().isConnected(agent.node));
  }

  @Test
  void refusesForgedExpiredRevokedAndForeignTokens() throws Exception {
    String good = tokens.create(Duration.ofHours(1), "");
    String forged = good.substring(0, good.length() - 1) + (good.endsWith("a") ? "b" : "a");
    assertThatThrownBy(() -> joining("x1", forged).open())
        .hasMessageContaining("the token is wrong or has expired");
    String expired = tokens.create(Duration.ofSeconds(-1), "");
    assertThatThrownBy(() -> joining("x2", expired).open())
        .hasMessageContaining("the token is wrong or has expired");
    tokens.list().forEach(each -> tokens.delete(each.id()));
    assertThatThrownBy(() -> joining("x4", good).open())
        .hasMessageContaining("the token is wrong or has expired");
    CertificateAuthority other =
        CertificateAuthority.open(directory.resolve("other"), InstantSource.system());
    String foreign =
        new JoinTokens(master.access(), other.certificate(), InstantSource.system())
            .create(Duration.ofHours(1), "");
    assertThatThrownBy(() -> joining("x3", foreign).open())
        .hasMessageContaining("not the master that the token is from");
    assertThat(master.find(GroupResource.NODES, new ObjectKey("", "x1"))).isEmpty();
  }

  @Test
  void aTokenDoesNotTakeOverANodeThatThereIs() throws Exception {
    String token = tokens.create(Duration.ofHours(1), "");
    joining("edge", token).open().shutdownNow();
    assertThatThrownBy(
            () -> joining("edge", token, "another-machine", InstantSource.system()).open())
        .hasMessageContaining("another key");
  }

  @Test
  void aTokenForOneNodeIsRefusedWhenItIsUsedAgain() throws Exception {
    dev.wherry.master.fleet.JoinToken token =
        dev.wherry.master.fleet.JoinToken.create(
                new java.security.SecureRandom(), java.util.Optional.empty(), "")
            .forOneNode();
    master.access().create(GroupResource.SECRETS, token.toSecret());
    String text = token.text(authority.certificate());
    joining("first", text).open().shutdownNow();
    assertThat(tokens.list()).isEmpty();
    assertThatThrownBy(() -> joining("second", text).open())
        .hasMessageContaining("the token is wrong or has expired");
    joining("first", text).open().shutdownNow(); // known by its key
  }

  @Test
  void aDeletedNodeComesBackByATokenAlone() throws Exception {
    String token = tokens.create(Duration.ofHours(1), "");
    SimulatedAgent agent = agent("edge", joining("edge", token));
    until("it joined", () -> master.fleet().isConnected(agent.node));
    tokens.list().forEach(each -> tokens.delete(each.id()));
    master.access().delete(GroupResource.NODES, new ObjectKey("", "edge"), DeleteOptions.DEFAULT);
    until("its session ended", () -> !agent.link().isConnected());
    JoinedChannels old =
        JoinedChannels.ofJoined(
            agent.node,
            "127.0.0.1",
            server.port(),
            directory.resolve("edge"),
            InstantSource.system());
    open.add(old);
    agent.close();
    old.refused();
    assertThatThrownBy(old::open).hasMessageContaining("join with a token");
    assertThat(master.find(GroupResource.NODES, new ObjectKey("", "edge"))).isEmpty();
    agent("edge", joining("edge", tokens.create(Duration.ofHours(1), "")));
    until("it joined anew", () -> master.fleet().isConnected(agent.node));
  }

  @Test
  void aRemovedNodeDoesNotComeBackByTheTokenOfItsStart() throws Exception {
    String token = tokens.create(Duration.ofHours(1), "");
    joining("edge", token).open().shutdownNow();
    master.access().delete(GroupResource.NODES, new ObjectKey("", "edge"), DeleteOptions.DEFAULT);
    JoinedChannels again = joining("edge", token);
    again.refused();
    assertThatThrownBy(again::open).hasMessageContaining("join with a token");
  }

  @Test
  void theLocalTokenIsMadeOnceAndLetsJoin() throws Exception {
    Path file = directory.resolve("token");
    tokens.keepLocalToken(file);
    String text = Files.readString(file).strip();
    tokens.keepLocalToken(file);
    assertThat(Files.readString(file).strip()).isEqualTo(text);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    joining("local", text).open().shutdownNow();
  }
}
