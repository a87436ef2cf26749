package dev.wherry.agent.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.dns.DnsCounts.Kind;
import dev.wherry.agent.dns.DnsCounts.Protocol;
import dev.wherry.agent.dns.DnsCounts.Remembered;
import dev.wherry.agent.dns.DnsCounts.Source;
import dev.wherry.agent.host.Command;
import dev.wherry.agent.host.OwnNetwork;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Over sockets, in a network namespace of its own: two servers, one asking the other. */
@ExtendWith(OwnNetwork.class)
class DnsServerTest {
  private static final InetAddress OURS = InetAddress.ofLiteral("127.0.0.10");
  private static final InetAddress UPSTREAM = InetAddress.ofLiteral("127.0.0.11");

  @TempDir Path directory;
  private final DesiredState desired = new DesiredState();
  private final DnsCounts counts = new DnsCounts();
  private DnsServer server;
  private DnsServer upstream;

  @BeforeEach
  void start() throws Exception {
    Path empty = Files.createFile(directory.resolve("no-servers"));
    Path resolv =
        Files.writeString(
            directory.resolve("resolv.conf"),
            "# ours as well, which is left out\nnameserver 127.0.0.10\nnameserver 127.0.0.11\n");
    server =
        DnsServer.start(
            zone(desired, "cluster.local", 40), () -> Optional.of(OURS), resolv, counts);
    upstream = DnsServer.start(zone(new DesiredState(), "example.org", 1), UPSTREAM, empty);
    assertThat(server.awaitServing(Duration.ofMinutes(1))).isTrue();
    assertThat(upstream.awaitServing(Duration.ofMinutes(1))).isTrue();
  }

  @AfterEach
  void stop() {
    server.close();
    upstream.close();
  }

  /** A headless service "many" with this many endpoints. */
  private static ClusterZone zone(DesiredState desired, String name, int endpoints) {
    desired.upsert(
        Resource.SERVICES,
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "many"}, "spec": {"clusterIP": "None"}}
            """));
    desired.upsert(
        Resource.SERVICES,
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "near"},
             "spec": {"type": "ExternalName", "externalName": "many.default.svc.cluster.local"}}
            """));
    desired.upsert(
        Resource.SERVICES,
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "far"},
             "spec": {"type": "ExternalName", "externalName": "Many.default.svc.example.org."}}
            """));
    List<Obj> those = new ArrayList<>();
    for (int i = 0; i < endpoints; i++) {
      those.add(Obj.of("addresses", List.of("10.42.0." + (10 + i))));
    }
    desired.upsert(
        Resource.ENDPOINT_SLICES,
        Obj.of(
            "metadata",
            Obj.of(
                "namespace",
                "default",
                "name",
                "many-1",
                "labels",
                Obj.of("kubernetes.io/service-name", "many")),
            "addressType",
            "IPv4",
            "endpoints",
            those));
    return ClusterZone.follow(desired, name);
  }

  @Test
  void saysTheSameAgainUntilNamesChange() throws Exception {
    String name = "near.default.svc.cluster.local";
    byte[] first = askUdp(name, DnsQuestion.CNAME);
    byte[] another = DnsClient.query(name, DnsQuestion.CNAME);
    another[0] = 0x56;
    byte[] second = DnsClient.askUdp(OURS, another);
    assertThat(second[0]).as("the id of who asks").isEqualTo((byte) 0x56);
    assertThat(Arrays.copyOfRange(second, 1, second.length))
        .isEqualTo(Arrays.copyOfRange(first, 1, first.length));
    desired.remove(Resource.SERVICES, new ObjectKey("default", "near"));
    assertThat(askUdp(name, DnsQuestion.CNAME)[3] & 0xf)
        .as("the code of the answer")
        .isEqualTo(DnsAnswer.RCODE_NO_SUCH_NAME);
  }

  private static byte[] askUdp(String name, int type) throws Exception {
    return DnsClient.askUdp(OURS, DnsClient.query(name, type));
  }

  @Test
  void answersLongOnesOverTcp() throws Exception {
    byte[] cut = askUdp("many.default.svc.cluster.local", DnsQuestion.A);
    assertThat(cut[2] & 0x02).as("truncated").isNotZero();
    assertThat(cut.length).isLessThanOrEqualTo(512);
    assertThat(
            AnswerCache.ttlOffsets(
                cut, DnsClient.query("many.default.svc.cluster.local", 1).length))
        .isPresent();

    byte[] whole =
        DnsClient.askTcp(OURS, DnsClient.query("many.default.svc.cluster.local", DnsQuestion.A));
    assertThat(DnsQuestion.u16(whole, 6)).isEqualTo(40);
  }

  @Test
  void keepsIdAndSpellingAndSaysWhatIsNotThere() throws Exception {
    byte[] response = askUdp("Nobody.Default.svc.CLUSTER.local", DnsQuestion.A);

    assertThat(DnsClient.rcode(response)).isEqualTo(DnsAnswer.RCODE_NO_SUCH_NAME);
    assertThat(response).startsWith(0x12, 0x34);
    assertThat(new String(response, 13, 6, StandardCharsets.ISO_8859_1)).isEqualTo("Nobody");
    assertThat(DnsQuestion.u16(response, 8)).as("SOA").isEqualTo(1);
  }

  @Test
  void forwardsAndRemembers() throws Exception {
    byte[] first = askUdp("many.default.svc.example.org", DnsQuestion.A);
    assertThat(DnsClient.rcode(first)).isZero();
    assertThat(DnsQuestion.u16(first, 6)).isEqualTo(1);

    upstream.close();
    assertThat(addresses(askUdp("many.default.svc.example.org", DnsQuestion.A)))
        .hasSize(1)
        .isEqualTo(addresses(first));
  }

  /** What an answer says, but for how long it may be believed, which passes. */
  private static List<String> addresses(byte[] response) {
    List<String> addresses = new ArrayList<>();
    for (DnsAnswer.Data each : Chase.answers(response)) {
      if (each instanceof DnsAnswer.Data.Foreign record) {
        addresses.add(record.owner() + " " + record.address());
      }
    }
    return addresses;
  }

  @Test
  void clientsOverTcpShareWhatIsRemembered() throws Exception {
    byte[] first = askUdp("many.default.svc.example.org", DnsQuestion.A);
    upstream.close();
    byte[] second =
        DnsClient.askTcp(OURS, DnsClient.query("many.default.svc.example.org", DnsQuestion.A));
    assertThat(addresses(second)).hasSize(1).isEqualTo(addresses(first));
  }

  @Test
  void followsAliasesOfTheZoneAndOutsideIt() throws Exception {
    byte[] far = askUdp("far.default.svc.cluster.local", DnsQuestion.A);
    assertThat(DnsClient.rcode(far)).isZero();
    assertThat(DnsQuestion.u16(far, 6)).as("alias and address").isEqualTo(2);
    assertThat(Chase.answers(far))
        .contains(
            new DnsAnswer.Data.Foreign(
                "many.default.svc.example.org",
                DnsQuestion.A,
                DnsAnswer.TTL_SECONDS,
                new String(new byte[] {10, 42, 0, 10}, StandardCharsets.ISO_8859_1)));
    byte[] near = askUdp("near.default.svc.cluster.local", DnsQuestion.A);
    assertThat(Chase.answers(near).size()).isGreaterThan(5);
    byte[] alone = askUdp("far.default.svc.cluster.local", DnsQuestion.CNAME);
    assertThat(DnsQuestion.u16(alone, 6)).isEqualTo(1);
  }

  /** A server that answers "no such name", with a SOA record or without, and notes who asks. */
  private static final class Denying implements AutoCloseable {
    private final DatagramSocket socket;
    private final List<Integer> ports = new CopyOnWriteArrayList<>();
    private final List<Integer> ids = new CopyOnWriteArrayList<>();

    Denying(InetAddress address) throws Exception {
      socket = new DatagramSocket(53, address);
      Thread.startVirtualThread(this::answer);
    }

    private void answer() {
      byte[] buffer = new byte[512];
      DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
      try {
        while (true) {
          packet.setLength(buffer.length);
          socket.receive(packet);
          byte[] query = Arrays.copyOf(buffer, packet.getLength());
          ports.add(packet.getPort());
          ids.add(DnsQuestion.u16(query, 0));
          DnsQuestion question = DnsQuestion.parse(query, query.length).orElseThrow();
          byte[] denial =
              DnsAnswer.NO_SUCH_NAME.render(query, question, "example.org", query.length + 200);
          if (question.name().startsWith("bare")) {
            denial = Arrays.copyOf(denial, question.end());
            denial[9] = 0; // no authority
            denial[11] = 0;
          }
          socket.send(new DatagramPacket(denial, denial.length, packet.getSocketAddress()));
        }
      } catch (IOException _) {
        // closed
      }
    }

    @Override
    public void close() {
      socket.close();
    }
  }

  @Test
  void questionsLeaveFromRandomPortsWithRandomIds() throws Exception {
    upstream.close();
    try (Denying other = new Denying(UPSTREAM)) {
      for (int i = 0; i < 20; i++) {
        assertThat(DnsClient.rcode(askUdp("n" + i + ".example.org", DnsQuestion.A)))
            .isEqualTo(DnsAnswer.RCODE_NO_SUCH_NAME);
      }
      assertThat(new HashSet<>(other.ports)).hasSizeGreaterThan(10);
      assertThat(new HashSet<>(other.ids)).hasSizeGreaterThan(10);
    }
  }

  @Test
  void denialsAreRememberedWhereASoaRecordSaysHowLong() throws Exception {
    upstream.close();
    try (Denying other = new Denying(UPSTREAM)) {
      for (String name : List.of("gone.example.org", "bare.example.org")) {
        askUdp(name, DnsQuestion.A);
        askUdp(name, DnsQuestion.A);
      }
      assertThat(other.ports).as("once, and twice without a SOA record").hasSize(3);
    }
  }

  @Test
  void aServerThatIsNotThereIsPassedOver() throws Exception {
    upstream.close();
    Path resolv =
        Files.writeString(
            directory.resolve("two.conf"), "nameserver 127.0.0.12\nnameserver 127.0.0.11\n");
    InetAddress second = InetAddress.ofLiteral("127.0.0.13");
    try (DnsServer asking =
            DnsServer.start(zone(new DesiredState(), "cluster.local", 1), second, resolv);
        Denying _ = new Denying(UPSTREAM)) {
      assertThat(asking.awaitServing(Duration.ofMinutes(1))).isTrue();
      assertThat(
              DnsClient.rcode(
                  DnsClient.askUdp(second, DnsClient.query("a.example.org", DnsQuestion.A))))
          .isEqualTo(DnsAnswer.RCODE_NO_SUCH_NAME);
    }
  }

  @Test
  void findsAddressesForTheNodeItself() throws Exception {
    NameLookup lookup = new NameLookup(() -> Optional.of(OURS));
    InetAddress first = InetAddress.ofLiteral("10.42.0.10");
    assertThat(lookup.addresses("far.default.svc.cluster.local")).containsExactly(first);
    assertThat(lookup.addresses("many.default.svc.example.org")).containsExactly(first);
    assertThat(lookup.addresses("many.default.svc.cluster.local")).hasSize(40);
    assertThat(lookup.addresses("none.default.svc.cluster.local")).isEmpty();
    assertThat(lookup.addresses("203.0.113.7"))
        .containsExactly(InetAddress.ofLiteral("203.0.113.7"));

    upstream.close();
    assertThatThrownBy(() -> lookup.addresses("example.com"))
        .isInstanceOf(IOException.class)
        .hasMessage("the name server cannot find out about example.com");
    assertThatThrownBy(() -> new NameLookup(Optional::empty).addresses("example.com"))
        .isInstanceOf(IOException.class)
        .hasMessage("the name server has no address yet");
  }

  @Test
  void whoSpeaksEdnsIsAnsweredInIt() throws Exception {
    byte[] plain = DnsClient.query("many.default.svc.cluster.local", DnsQuestion.A);
    byte[] extended = Arrays.copyOf(plain, plain.length + 11);
    extended[11] = 1;
    extended[plain.length + 2] = DnsQuestion.OPT;
    extended[plain.length + 3] = 4; // 1,024 bytes

    byte[] response = DnsClient.askUdp(OURS, extended);
    assertThat(DnsQuestion.u16(response, 6)).as("answers").isEqualTo(40);
    assertThat(DnsQuestion.u16(response, 10)).as("OPT record").isEqualTo(1);
    assertThat(response[response.length - 9]).isEqualTo((byte) DnsQuestion.OPT);
    assertThat(DnsQuestion.u16(DnsClient.askUdp(OURS, plain), 10)).isZero();
  }

  @Test
  void saysWhichEdnsItSpeaksToWhoSpeaksALaterOne() throws Exception {
    byte[] plain = DnsClient.query("web.default.svc.cluster.local", DnsQuestion.A);
    byte[] later = Arrays.copyOf(plain, plain.length + 11);
    later[11] = 1;
    later[plain.length + 2] = DnsQuestion.OPT;
    later[plain.length + 3] = 4;
    later[plain.length + 6] = 1; // version

    byte[] response = DnsClient.askUdp(OURS, later);
    assertThat(DnsClient.rcode(response)).as("low bits of BADVERS, 16").isZero();
    assertThat(response[response.length - 6]).as("high bits").isEqualTo((byte) 1);
    assertThat(response[response.length - 5]).as("our version").isZero();
    assertThat(DnsQuestion.u16(response, 6)).as("answers").isZero();
  }

  @Test
  void saysThatNobodyAnswers() throws Exception {
    upstream.close();

    assertThat(DnsClient.rcode(askUdp("example.com", DnsQuestion.A)))
        .isEqualTo(DnsAnswer.RCODE_SERVER_FAILURE);
  }

  @Test
  void realClientsUnderstandIt() throws Exception {
    Path servers = Files.writeString(directory.resolve("client.conf"), "nameserver 127.0.0.10\n");
    assertThat(
            Command.of(
                    "unshare",
                    "--mount",
                    "sh",
                    "-c",
                    "mount --bind "
                        + servers
                        + " /etc/resolv.conf"
                        + " && busybox nslookup many.default.svc.example.org")
                .run())
        .contains("10.42.0.10");
  }

  @Test
  void ignoresWhatIsNoQuery() {
    byte[] query = DnsClient.query("web.default.svc.cluster.local", DnsQuestion.A);
    for (int length = 0; length < query.length; length++) {
      assertThat(DnsQuestion.parse(query, length)).as("cut at %d", length).isEmpty();
    }
    query[2] |= (byte) 0x80; // a response
    assertThat(DnsQuestion.parse(query, query.length)).isEqualTo(Optional.empty());
  }

  @Test
  void digReadsServersWithTheirAddresses() throws Exception {
    desired.upsert(
        Resource.SERVICES,
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "web"},
             "spec": {"clusterIP": "10.43.0.9", "clusterIPs": ["10.43.0.9"],
               "ports": [{"name": "http", "port": 80}]}}
            """));

    String said =
        Command.of(
                "dig",
                "@127.0.0.10",
                "+noall",
                "+comments",
                "+answer",
                "+additional",
                "-t",
                "SRV",
                "_http._tcp.web.default.svc.cluster.local")
            .run();

    assertThat(said)
        .contains("status: NOERROR", "ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 2")
        .containsPattern("SRV\\s+0 100 80 web\\.default\\.svc\\.cluster\\.local\\.")
        .containsPattern(
            "web\\.default\\.svc\\.cluster\\.local\\.\\s+5\\s+IN\\s+A\\s+10\\.43\\.0\\.9")
        .doesNotContainIgnoringCase("malformed");
  }

  @Test
  void countsWhatIsAskedAndWhatComesOfIt() throws Exception {
    for (int i = 0; i < 3; i++) {
      askUdp("near.default.svc.cluster.local", DnsQuestion.CNAME);
      askUdp("one.default.svc.example.org", DnsQuestion.A);
    }
    DnsClient.askTcp(OURS, DnsClient.query("nothing.default.svc.cluster.local", DnsQuestion.AAAA));
    byte[] unread = DnsClient.query("a.example.org", DnsQuestion.A);
    unread[5] = 2; // questions
    DnsClient.askUdp(OURS, unread);

    assertThat(counts.answered())
        .containsEntry(new Kind(Protocol.UDP, "CNAME", Source.CLUSTER, "NOERROR"), 3L)
        .containsEntry(new Kind(Protocol.UDP, "A", Source.OTHERS, "NXDOMAIN"), 3L)
        .containsEntry(new Kind(Protocol.TCP, "AAAA", Source.CLUSTER, "NXDOMAIN"), 1L)
        .containsEntry(new Kind(Protocol.UDP, "other", Source.CLUSTER, "FORMERR"), 1L)
        .hasSize(4);
    assertThat(counts.remembered())
        .containsEntry(Remembered.NOTHING, 1L)
        .containsEntry(Remembered.DENIAL, 2L);
  }

  @Test
  void asksServersThatAreReachedByIpv6() throws Exception {
    InetAddress six = InetAddress.ofLiteral("::1");
    InetAddress own = InetAddress.ofLiteral("127.0.0.14");
    Path none = directory.resolve("no-servers");
    Path resolv = Files.writeString(directory.resolve("resolv6.conf"), "nameserver ::1\n");
    try (DnsServer far = DnsServer.start(zone(new DesiredState(), "example.org", 1), six, none);
        DnsServer near =
            DnsServer.start(zone(new DesiredState(), "cluster.local", 1), own, resolv)) {
      assertThat(far.awaitServing(Duration.ofMinutes(1))).isTrue();
      assertThat(near.awaitServing(Duration.ofMinutes(1))).isTrue();

      byte[] query = DnsClient.query("many.default.svc.example.org", DnsQuestion.A);

      assertThat(DnsClient.askUdp(own, query)).endsWith(10, 42, 0, 10);
      assertThat(DnsClient.askTcp(own, query)).endsWith(10, 42, 0, 10);
    }
  }
}
