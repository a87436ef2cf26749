package dev.wherry.agent.probe;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Asks a server for its health (grpc.health.v1.Health, method Check; GRPC Health Checking
 * Protocol). One event loop thread, made with the first probe, serves all; the two messages have
 * one field each and are coded here. Thread-safe.
 */
final class GrpcCheck {
  private static final int SERVING = 1;
  private static final String[] STATUSES = {"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"};
  private static final int FIELD = 1;

  private static final MethodDescriptor<String, Integer> CHECK =
      MethodDescriptor.<String, Integer>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("grpc.health.v1.Health/Check")
          .setRequestMarshaller(new Request())
          .setResponseMarshaller(new Response())
          .build();

  private static final class Loop {
    static final EventLoopGroup GROUP =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("probe-io", true), NioIoHandler.newFactory());
    static final Executor VIRTUAL = task -> Thread.ofVirtual().name("probe-grpc").start(task);
  }

  private GrpcCheck() {}

  static ProbeExecutor.Result run(String host, int port, String service, Duration timeout) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(host, port)
            .channelType(NioSocketChannel.class)
            .eventLoopGroup(Loop.GROUP)
            .executor(Loop.VIRTUAL)
            .usePlaintext()
            .userAgent("kube-probe/1.36")
            .build();
    try {
      int status =
          ClientCalls.blockingUnaryCall(
              channel,
              CHECK,
              CallOptions.DEFAULT.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS),
              service);
      return status == SERVING
          ? ProbeExecutor.Result.success("")
          : ProbeExecutor.Result.failure(
              "service unhealthy (responded with \"" + word(status) + "\")");
    } catch (StatusRuntimeException e) {
      return ProbeExecutor.Result.failure(words(e.getStatus(), host + ":" + port, timeout));
    } finally {
      channel.shutdownNow();
    }
  }

  private static String word(int status) {
    return status >= 0 && status < STATUSES.length ? STATUSES[status] : Integer.toString(status);
  }

  private static String words(Status status, String address, Duration timeout) {
    String within = timeout.toSeconds() + "s";
    return switch (status.getCode()) {
      case UNAVAILABLE ->
          "timeout: failed to connect service \""
              + address
              + "\" within "
              + within
              + ": "
              + cause(status);
      case UNIMPLEMENTED ->
          "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): "
              + status.getDescription();
      case DEADLINE_EXCEEDED -> "timeout: health rpc did not complete within " + within;
      default -> "error: health rpc probe failed: " + status.getCode() + cause(status);
    };
  }

  private static String cause(Status status) {
    Throwable cause = status.getCause();
    return String.valueOf(cause == null ? status.getDescription() : cause.getMessage());
  }

  /** HealthCheckRequest: {@code string service = 1}. */
  private static final class Request implements MethodDescriptor.Marshaller<String> {
    @Override
    public InputStream stream(String service) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try {
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        if (!service.isEmpty()) {
          out.writeString(FIELD, service);
        }
        out.flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e); // into memory: never
      }
      return new ByteArrayInputStream(bytes.toByteArray());
    }

    @Override
    public String parse(InputStream stream) {
      throw new UnsupportedOperationException("probes are not served here");
    }
  }

  /** HealthCheckResponse: {@code ServingStatus status = 1}. */
  private static final class Response implements MethodDescriptor.Marshaller<Integer> {
    @Override
    public InputStream stream(Integer status) {
      throw new UnsupportedOperationException("probes are not served here");
    }

    @Override
    public Integer parse(InputStream stream) {
      try {
        CodedInputStream in = CodedInputStream.newInstance(stream);
        int status = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
          if (tag >>> 3 == FIELD) {
            status = in.readEnum();
          } else {
            in.skipField(tag);
          }
        }
        return status;
      } catch (IOException e) {
        throw Status.INTERNAL
            .withDescription("no health response")
            .withCause(e)
            .asRuntimeException();
      }
    }
  }
}
