package dev.wherry.master.http;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * As much of etcd's API (etcdserverpb.KV) as the bench writes and reads with, over plain gRPC.
 * Thread-safe.
 */
final class EtcdClient implements AutoCloseable {
  private static final MethodDescriptor<byte[], byte[]> PUT = method("Put");
  private static final MethodDescriptor<byte[], byte[]> RANGE = method("Range");

  /** The largest answer that is taken. */
  private static final int MAX_ANSWER_BYTES = 64 * 1024 * 1024;

  private final ManagedChannel channel;

  EtcdClient(int port) {
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port)
            .usePlaintext()
            .maxInboundMessageSize(MAX_ANSWER_BYTES)
            .build();
  }

  private static MethodDescriptor<byte[], byte[]> method(String name) {
    return MethodDescriptor.<byte[], byte[]>newBuilder()
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName("etcdserverpb.KV/" + name)
        .setRequestMarshaller(new Bytes())
        .setResponseMarshaller(new Bytes())
        .build();
  }

  void put(String key, byte[] value) {
    call(PUT, ByteString.copyFromUtf8(key), ByteString.copyFrom(value));
  }

  /** The answer's size in bytes. */
  int get(String key) {
    return call(RANGE, ByteString.copyFromUtf8(key), ByteString.EMPTY);
  }

  /** Everything below this prefix, which ends with a slash; the answer's size in bytes. */
  int list(String prefix) {
    String end = prefix.substring(0, prefix.length() - 1) + '0'; // comes after the slash
    return call(RANGE, ByteString.copyFromUtf8(prefix), ByteString.copyFromUtf8(end));
  }

  private int call(MethodDescriptor<byte[], byte[]> method, ByteString first, ByteString second) {
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(request);
      out.writeBytes(1, first);
      if (!second.isEmpty()) {
        out.writeBytes(2, second);
      }
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ClientCalls.blockingUnaryCall(
            channel, method, CallOptions.DEFAULT, request.toByteArray())
        .length;
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
