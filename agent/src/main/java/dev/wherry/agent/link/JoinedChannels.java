package dev.wherry.agent.link;

import com.google.protobuf.ByteString;
import dev.wherry.api.object.NodeName;
import dev.wherry.proto.v1.EnrollRequest;
import dev.wherry.proto.v1.EnrollResponse;
import dev.wherry.proto.v1.EnrolmentGrpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Channels over mutual TLS to a master in another process. Joins first where the node has no
 * certificate, by a token; renews the certificate in the last third of its life, or after it, or
 * when the master takes it no more, by the node's key: whatever the board's clock says. One event
 * loop thread serves all of them. Thread-safe.
 */
public final class JoinedChannels implements ChannelSource, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JoinedChannels.class);
  private static final int FLOW_CONTROL_BYTES = 128 * 1024;
  private static final Duration ENROLMENT_TIMEOUT = Duration.ofSeconds(30);

  /** What the master's certificate names, whatever addresses its machine has. */
  private static final String SERVER_NAME = "wherry-master";

  private final NodeName node;
  private final String host;
  private final int port;
  private final Optional<JoinToken> token;
  private final NodeIdentity identity;
  private final InstantSource clock;
  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("link-io", true), NioIoHandler.newFactory());
  private volatile @Nullable ManagedChannel last;
  private volatile boolean refused;

  private JoinedChannels(
      NodeName node,
      String host,
      int port,
      Optional<JoinToken> token,
      NodeIdentity identity,
      InstantSource clock) {
    this.node = node;
    this.host = host;
    this.port = port;
    this.token = token;
    this.identity = identity;
    this.clock = clock;
  }

  /**
   * For a node that joins, or joined before: the token is used when it has to be.
   *
   * @param directory keeps the node's key and certificates
   */
  public static JoinedChannels byToken(
      NodeName node, String host, int port, JoinToken token, Path directory, InstantSource clock)
      throws IOException {
    return new JoinedChannels(node, host, port, Optional.of(token), identity(directory), clock);
  }

  /** For a node that joined before. */
  public static JoinedChannels ofJoined(
      NodeName node, String host, int port, Path directory, InstantSource clock)
      throws IOException {
    return new JoinedChannels(node, host, port, Optional.empty(), identity(directory), clock);
  }

  private static NodeIdentity identity(Path directory) throws IOException {
    try {
      return NodeIdentity.open(directory);
    } catch (GeneralSecurityException e) {
      throw new IOException("the node's key in " + directory + " cannot be used", e);
    }
  }

  @Override
  public ManagedChannel open() throws IOException, InterruptedException {
    try {
      NodeIdentity.Credentials credentials = credentials();
      ManagedChannel opened =
          channel(
              GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                  .protocols("TLSv1.3")
                  .trustManager(new AuthorityTrust(credentials.authority(), clock))
                  .keyManager(credentials.key(), credentials.certificate())
                  .build());
      last = opened;
      return opened;
    } catch (GeneralSecurityException e) {
      throw new IOException("the node's certificates cannot be used: " + e.getMessage(), e);
    }
  }

  @Override
  public void refused() {
    refused = true;
  }

  /** Keep-alive would notice as well, half a minute later. */
  @Override
  public void moved() {
    ManagedChannel opened = last;
    if (opened != null) {
      opened.shutdownNow();
    }
  }

  private NodeIdentity.Credentials credentials()
      throws IOException, GeneralSecurityException, InterruptedException {
    Optional<NodeIdentity.Credentials> stored = identity.credentials();
    if (stored.isPresent() && !isDue(stored.get().certificate()) && !refused) {
      return stored.get();
    }
    if (stored.isEmpty() && token.isEmpty()) {
      throw new IOException("this node never joined: a token is needed");
    }
    try {
      NodeIdentity.Credentials fresh = enrol(stored);
      refused = false;
      return fresh;
    } catch (StatusRuntimeException e) {
      if (stored.isPresent() && isValid(stored.get().certificate()) && !refused) {
        LOG.warn("the node's certificate could not be renewed yet: {}", message(e));
        return stored.get();
      }
      throw new IOException("the node could not join: " + message(e), e);
    }
  }

  /** What is at the bottom of it: of a refused handshake gRPC itself says little. */
  private static String message(StatusRuntimeException e) {
    String message = String.valueOf(e.getStatus().getDescription());
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      message = String.valueOf(cause.getMessage());
    }
    return message;
  }

  private boolean isDue(X509Certificate certificate) {
    Instant from = certificate.getNotBefore().toInstant();
    Instant to = certificate.getNotAfter().toInstant();
    return clock.instant().isAfter(to.minus(Duration.between(from, to).dividedBy(3)));
  }

  private boolean isValid(X509Certificate certificate) {
    return clock.instant().isBefore(certificate.getNotAfter().toInstant());
  }

  private NodeIdentity.Credentials enrol(Optional<NodeIdentity.Credentials> stored)
      throws IOException, GeneralSecurityException, InterruptedException {
    SslContextBuilder builder =
        GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
            .protocols("TLSv1.3");
    // A node that was removed from the cluster does not come back by the token of its start.
    Optional<JoinToken> unused = Optional.empty();
    if (token.isPresent() && (stored.isEmpty() || !identity.joinedBy(token.get().id()))) {
      unused = token;
    }
    // The token's hash comes first: a node that is brought to another master trusts that one.
    if (token.isPresent()) {
      builder.trustManager(new MasterTrust(token.get().authorityHashBytes(), clock));
    } else {
      builder.trustManager(new AuthorityTrust(stored.orElseThrow().authority(), clock));
    }
    ManagedChannel channel = channel(builder.build());
    try {
      EnrollResponse response =
          EnrolmentGrpc.newBlockingStub(channel)
              .withDeadlineAfter(ENROLMENT_TIMEOUT.toSeconds(), TimeUnit.SECONDS)
              .enroll(
                  EnrollRequest.newBuilder()
                      .setNodeName(node.text())
                      .setCertificateRequest(ByteString.copyFrom(identity.certificateRequest(node)))
                      .setToken(unused.map(JoinToken::idAndSecret).orElse(""))
                      .build());
      LOG.info("node {} has a fresh certificate", node);
      NodeIdentity.Credentials fresh =
          identity.store(
              NodeIdentity.certificate(response.getCertificate().toByteArray()),
              NodeIdentity.certificate(response.getCaCertificate().toByteArray()));
      if (unused.isPresent()) {
        identity.rememberToken(unused.get().id());
      }
      return fresh;
    } finally {
      channel.shutdownNow();
      channel.awaitTermination(1, TimeUnit.SECONDS);
    }
  }

  private ManagedChannel channel(SslContext context) {
    return NettyChannelBuilder.forAddress(host, port)
        .channelType(NioSocketChannel.class)
        .eventLoopGroup(loop)
        .withOption(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
        .sslContext(context)
        .overrideAuthority(SERVER_NAME)
        .executor(Channels.VIRTUAL)
        .offloadExecutor(Channels.VIRTUAL)
        .flowControlWindow(FLOW_CONTROL_BYTES)
        .keepAliveTime(20, TimeUnit.SECONDS)
        .keepAliveTimeout(10, TimeUnit.SECONDS)
        .build();
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // the loop's thread is a daemon
  public void close() {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
