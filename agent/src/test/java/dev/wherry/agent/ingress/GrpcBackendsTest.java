package dev.wherry.agent.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.ingress.Authority.Leaf;
import dev.wherry.api.tree.Json;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerTransportFilter;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Backends in gRPC that want TLS, take few calls at a time, or say goodbye. */
@Timeout(120)
class GrpcBackendsTest {
  @TempDir private Path directory;
  private final DesiredState desired = new DesiredState();
  private final AtomicInteger connections = new AtomicInteger();
  private final Deque<Callable<?>> closers = new ArrayDeque<>();

  private NettyServerBuilder backend() {
    return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .addTransportFilter(
            new ServerTransportFilter() {
              @Override
              public Attributes transportReady(Attributes attributes) {
                connections.incrementAndGet();
                return attributes;
              }
            })
        .addService(IngressGrpcTest.service());
  }

  /** A channel to a proxy before this backend. */
  private ManagedChannel serve(NettyServerBuilder builder, String annotations) throws IOException {
    Server backend = builder.build().start();
    closers.push(() -> backend.shutdownNow().awaitTermination(60, TimeUnit.SECONDS));
    Offered.defaultClass(desired);
    Offered.service(desired, "echo", backend.getPort());
    desired.upsert(
        Resource.INGRESSES,
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "echo", "annotations": {%s}},
             "spec": {"rules": [{"host": "grpc.example", "http": {"paths": [
                 {"path": "/", "pathType": "Prefix",
                  "backend": {"service": {"name": "echo", "port": {"number": 80}}}}]}}]}}
            """
                .formatted(annotations)));
    IngressServer server =
        IngressServer.start(
            0,
            Offered.freePort(),
            Offered.traffic(desired, new IngressCounters(), 443),
            new IngressCertificates(desired, InstantSource.system()));
    closers.push(Executors.callable(server::close));
    ManagedChannel channel = IngressGrpcTest.channel(server.ports().getFirst());
    closers.push(channel::shutdownNow);
    return channel;
  }

  @AfterEach
  void stop() throws Exception {
    for (Callable<?> each : closers) {
      each.call();
    }
  }

  private static String ask(Channel channel, String question) {
    return ClientCalls.blockingUnaryCall(
        channel, IngressGrpcTest.ASK, CallOptions.DEFAULT, question);
  }

  @Test
  void callsPassOverTlsToABackendThatIsVerified() throws Exception {
    Authority authority = Authority.create(directory, "ours");
    Leaf own = authority.leaf("echo.default.svc");
    desired.upsert(
        Resource.SECRETS, Authority.secret("tls", "1", Map.of("ca.crt", authority.certificate())));
    ManagedChannel channel =
        serve(
            backend()
                .sslContext(
                    GrpcSslContexts.forServer(own.certificate().toFile(), own.key().toFile())
                        .build()),
            """
        "nginx.ingress.kubernetes.io/backend-protocol": "GRPCS",
        "nginx.ingress.kubernetes.io/proxy-ssl-verify": "on",
        "nginx.ingress.kubernetes.io/proxy-ssl-secret": "tls"
        """);
    for (String question : List.of("a", "x".repeat(300_000), "b")) {
      assertThat(ask(channel, question)).isEqualTo("heard " + question);
    }
    assertThat(connections).hasValue(1);
  }

  @Test
  void callsThatABackendDoesNotTakeAtOnceWaitForTheirTurn() throws Exception {
    ManagedChannel channel =
        serve(
            backend().maxConcurrentCallsPerConnection(2),
            "\"nginx.ingress.kubernetes.io/backend-protocol\": \"GRPC\"");
    ask(channel, "for the settings to be known");
    List<Future<String>> answers = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      answers.add(
          ClientCalls.futureUnaryCall(
              channel.newCall(IngressGrpcTest.ASK, CallOptions.DEFAULT), "question " + i));
    }
    for (int i = 0; i < 40; i++) {
      assertThat(answers.get(i).get(60, TimeUnit.SECONDS)).isEqualTo("heard question " + i);
    }
  }

  @Test
  void aBackendThatSaysGoodbyeIsConnectedToAnewWhileItsStreamsGoOn() throws Exception {
    ManagedChannel channel =
        serve(
            backend().maxConnectionAge(1, TimeUnit.SECONDS),
            "\"nginx.ingress.kubernetes.io/backend-protocol\": \"GRPC\"");
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    StreamObserver<String> words =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(IngressGrpcTest.TALK, CallOptions.DEFAULT),
            IngressGrpcTest.observer(heard));
    words.onNext("one");
    assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo("heard one");
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (connections.get() < 3) {
      assertThat(ask(channel, "still")).isEqualTo("heard still");
      assertThat(deadline - System.nanoTime()).as("in time").isPositive();
    }
    words.onNext("two");
    assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo("heard two");
    words.onCompleted();
    assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo("end");
  }

  @Test
  void aBackendMayBeSilentForAsLongAsTheClientSpeaks() throws Exception {
    ManagedChannel channel =
        serve(
            backend(),
            """
        "nginx.ingress.kubernetes.io/backend-protocol": "GRPC",
        "nginx.ingress.kubernetes.io/proxy-read-timeout": "5"
        """);
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    StreamObserver<String> words =
        ClientCalls.asyncClientStreamingCall(
            channel.newCall(IngressGrpcTest.COLLECT, CallOptions.DEFAULT),
            IngressGrpcTest.observer(heard));
    long over = System.nanoTime() + Duration.ofSeconds(7).toNanos();
    int said = 0;
    while (over - System.nanoTime() > 0) {
      words.onNext("word");
      said++;
      LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
    }
    words.onCompleted();
    assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo("heard " + said);
  }
}
