package dev.wherry.agent.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.host.Command;
import dev.wherry.agent.host.OwnNetwork;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
  private DnsServer server;
  private DnsServer upstream;

  @BeforeEach
  void start() throws Exception {
    Path empty = Files.createFile(directory.resolve("no-servers"));
    Path resolv =
        Files.writeString(
            directory.resolve("resolv.conf"),
            "# ours as well, which is left out\nnameserver 127.0.0.10\nnameserver 127.0.0.11\n");
    server = DnsServer.start(zone("cluster.local", 40), OURS, resolv);
    upstream = DnsServer.start(zone("example.org", 1), UPSTREAM, empty);
    assertThat(server.awaitServing(Duration.ofSeconds(10))).isTrue();
    assertThat(upstream.awaitServing(Duration.ofSeconds(10))).isTrue();
  }

  @AfterEach
  void stop() {
    server.close();
    upstream.close();
  }

  /** A headless service "many" with this many endpoints. */
  private static ClusterZone zone(String name, int endpoints) {
    DesiredState desired = new DesiredState();
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

  private static byte[] query(String name, int type) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(new byte[] {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0});
    for (String label : name.split("\\.")) {
      bytes.write(label.length());
      bytes.writeBytes(label.getBytes(StandardCharsets.ISO_8859_1));
    }
    bytes.writeBytes(new byte[] {0, 0, (byte) type, 0, 1});
    return bytes.toByteArray();
  }

  private static byte[] askUdp(String name, int type) throws Exception {
    byte[] query = query(name, type);
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(10_000);
      socket.send(new DatagramPacket(query, query.length, OURS, 53));
      DatagramPacket response = new DatagramPacket(new byte[4_096], 4_096);
      socket.receive(response);
      return java.util.Arrays.copyOf(response.getData(), response.getLength());
    }
  }

  private static int rcode(byte[] response) {
    return response[3] & 0x0f;
  }

  @Test
  void answersLongOnesOverTcp() throws Exception {
    byte[] cut = askUdp("many.default.svc.cluster.local", DnsQuestion.A);
    assertThat(cut[2] & 0x02).as("truncated").isNotZero();
    assertThat(cut.length).isLessThanOrEqualTo(512);
    assertThat(AnswerCache.ttlOffsets(cut, query("many.default.svc.cluster.local", 1).length))
        .isPresent();

    byte[] query = query("many.default.svc.cluster.local", DnsQuestion.A);
    try (Socket socket = new Socket(OURS, 53)) {
      new DataOutputStream(socket.getOutputStream()).writeShort(query.length);
      socket.getOutputStream().write(query);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      byte[] whole = new byte[in.readUnsignedShort()];
      in.readFully(whole);
      assertThat(DnsQuestion.u16(whole, 6)).isEqualTo(40);
    }
  }

  @Test
  void keepsIdAndSpellingAndSaysWhatIsNotThere() throws Exception {
    byte[] response = askUdp("Nobody.Default.svc.CLUSTER.local", DnsQuestion.A);

    assertThat(rcode(response)).isEqualTo(DnsAnswer.RCODE_NO_SUCH_NAME);
    assertThat(response).startsWith(0x12, 0x34);
    assertThat(new String(response, 13, 6, StandardCharsets.ISO_8859_1)).isEqualTo("Nobody");
    assertThat(DnsQuestion.u16(response, 8)).as("SOA").isEqualTo(1);
  }

  @Test
  void forwardsAndRemembers() throws Exception {
    byte[] first = askUdp("many.default.svc.example.org", DnsQuestion.A);
    assertThat(rcode(first)).isZero();
    assertThat(DnsQuestion.u16(first, 6)).isEqualTo(1);

    upstream.close();
    assertThat(askUdp("many.default.svc.example.org", DnsQuestion.A)).isEqualTo(first);
  }

  @Test
  void followsAliasesOfTheZoneAndOutsideIt() throws Exception {
    byte[] far = askUdp("far.default.svc.cluster.local", DnsQuestion.A);
    assertThat(rcode(far)).isZero();
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

  @Test
  void saysThatNobodyAnswers() throws Exception {
    upstream.close();

    assertThat(rcode(askUdp("example.com", DnsQuestion.A)))
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
    byte[] query = query("web.default.svc.cluster.local", DnsQuestion.A);
    for (int length = 0; length < query.length; length++) {
      assertThat(DnsQuestion.parse(query, length)).as("cut at %d", length).isEmpty();
    }
    query[2] |= (byte) 0x80; // a response
    assertThat(DnsQuestion.parse(query, query.length)).isEqualTo(Optional.empty());
  }

  @Test
  void cachedAnswersGrowOld() {
    byte[] query = query("a.example.org", DnsQuestion.A);
    DnsQuestion question = DnsQuestion.parse(query, query.length).orElseThrow();
    byte[] response =
        DnsAnswer.of(List.of(new DnsAnswer.Data.Address(1)))
            .render(query, question, "example.org", 512);
    AnswerCache cache = new AnswerCache();
    cache.put(query, question, response, 0);

    byte[] later = cache.find(query, question, 3_000_000_000L).orElseThrow();
    int ttlAt = AnswerCache.ttlOffsets(later, question.end()).orElseThrow().getFirst();
    assertThat(later[ttlAt + 3]).isEqualTo((byte) (DnsAnswer.TTL_SECONDS - 3));
    assertThat(cache.find(query, question, 5_000_000_000L)).isEmpty();
  }
}
