package dev.wherry.agent.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.api.tree.Json;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real gRPC on both sides: streams pass message by message, statuses in trailers. */
@Timeout(120)
class IngressGrpcTest {
  private static final MethodDescriptor.Marshaller<String> TEXT =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(String value) {
          return new ByteArrayInputStream(value.getBytes(UTF_8));
        }

        @Override
        public String parse(InputStream stream) {
          try {
            return new String(stream.readAllBytes(), UTF_8);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  static final MethodDescriptor<String, String> ASK =
      method("Ask", MethodDescriptor.MethodType.UNARY);
  static final MethodDescriptor<String, String> TALK =
      method("Talk", MethodDescriptor.MethodType.BIDI_STREAMING);
  static final MethodDescriptor<String, String> COLLECT =
      method("Collect", MethodDescriptor.MethodType.CLIENT_STREAMING);

  private final DesiredState desired = new DesiredState();
  private Server backend;
  private IngressServer server;

  private static MethodDescriptor<String, String> method(
      String name, MethodDescriptor.MethodType type) {
    return MethodDescriptor.newBuilder(TEXT, TEXT)
        .setFullMethodName("test.Echo/" + name)
        .setType(type)
        .build();
  }

  @BeforeEach
  void start() throws IOException {
    backend =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(service())
            .build()
            .start();
    Offered.defaultClass(desired);
    desired.upsert(
        Resource.INGRESSES,
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "echo", "annotations":
               {"nginx.ingress.kubernetes.io/backend-protocol": "GRPC"}},
             "spec": {"ingressClassName": "wherry",
               "tls": [{"hosts": ["grpc.example"], "secretName": "missing"}],
               "rules": [{"host": "grpc.example", "http": {"paths": [
                 {"path": "/", "pathType": "Prefix",
                  "backend": {"service": {"name": "echo", "port": {"number": 80}}}}]}}]}}
            """));
    Offered.service(desired, "echo", backend.getPort());
    server =
        IngressServer.start(
            0,
            Offered.freePort(),
            Offered.traffic(desired, new IngressCounters(), 443),
            new IngressCertificates(desired, InstantSource.system()));
  }

  /** Echoes. */
  static ServerServiceDefinition service() {
    return ServerServiceDefinition.builder("test.Echo")
        .addMethod(ASK, ServerCalls.asyncUnaryCall(IngressGrpcTest::answer))
        .addMethod(TALK, ServerCalls.asyncBidiStreamingCall(IngressGrpcTest::echo))
        .addMethod(COLLECT, ServerCalls.asyncClientStreamingCall(IngressGrpcTest::collect))
        .build();
  }

  private static void answer(String question, StreamObserver<String> answers) {
    if (question.equals("nonsense")) {
      answers.onError(Status.FAILED_PRECONDITION.withDescription("not that").asRuntimeException());
    } else {
      answers.onNext("heard " + question);
      answers.onCompleted();
    }
  }

  private static StreamObserver<String> echo(StreamObserver<String> answers) {
    return new StreamObserver<>() {
      @Override
      public void onNext(String word) {
        answers.onNext("heard " + word);
      }

      @Override
      public void onError(Throwable gone) {
        answers.onError(gone);
      }

      @Override
      public void onCompleted() {
        answers.onCompleted();
      }
    };
  }

  /** Says how many words there were when they are all there, and nothing before. */
  private static StreamObserver<String> collect(StreamObserver<String> answer) {
    AtomicInteger words = new AtomicInteger();
    return new StreamObserver<>() {
      @Override
      public void onNext(String word) {
        words.incrementAndGet();
      }

      @Override
      public void onError(Throwable gone) {
        answer.onError(gone);
      }

      @Override
      public void onCompleted() {
        answer.onNext("heard " + words.get());
        answer.onCompleted();
      }
    };
  }

  @AfterEach
  void stop() throws InterruptedException {
    server.close();
    backend.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
  }

  private ManagedChannel channel() throws IOException {
    return channel(server.ports().getFirst());
  }

  static ManagedChannel channel(int port) throws IOException {
    return NettyChannelBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
        .overrideAuthority("grpc.example")
        .sslContext(
            GrpcSslContexts.forClient().trustManager(InsecureTrustManagerFactory.INSTANCE).build())
        .build();
  }

  @Test
  void callsAndTheirStatusesPass() throws Exception {
    ManagedChannel channel = channel();
    try {
      String large = "x".repeat(300_000);
      for (String question : List.of("a", large, "b")) {
        assertThat(ClientCalls.blockingUnaryCall(channel, ASK, CallOptions.DEFAULT, question))
            .isEqualTo("heard " + question);
      }
      assertThatThrownBy(
              () -> ClientCalls.blockingUnaryCall(channel, ASK, CallOptions.DEFAULT, "nonsense"))
          .hasMessage("FAILED_PRECONDITION: not that");
    } finally {
      channel.shutdownNow();
    }
  }

  /** What is heard, its failure or its end last. */
  static StreamObserver<String> observer(BlockingQueue<String> heard) {
    return new StreamObserver<>() {
      @Override
      public void onNext(String word) {
        heard.add(word);
      }

      @Override
      public void onError(Throwable gone) {
        heard.add("failed: " + gone.getMessage());
      }

      @Override
      public void onCompleted() {
        heard.add("end");
      }
    };
  }

  @Test
  void aStreamPassesMessageByMessageBothWays() throws Exception {
    ManagedChannel channel = channel();
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    try {
      StreamObserver<String> words =
          ClientCalls.asyncBidiStreamingCall(
              channel.newCall(TALK, CallOptions.DEFAULT), observer(heard));
      for (int i = 0; i < 5; i++) {
        words.onNext("word " + i);
        assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo("heard word " + i);
      }
      words.onCompleted();
      assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo("end");
    } finally {
      channel.shutdownNow();
    }
  }
}
