package dev.wherry.cli.session;

import dev.wherry.agent.runtime.ContainerStreams.Connection;
import dev.wherry.agent.runtime.socket.BytePipe;
import java.io.InputStream;
import java.io.OutputStream;

/** A node's endpoint that says what it was told. */
final class NodeEcho implements Connection {
  private final BytePipe pipe = new BytePipe(1024);

  @Override
  public InputStream input() {
    return pipe.source();
  }

  @Override
  public OutputStream output() {
    OutputStream sink = pipe.sink();
    return new OutputStream() {
      @Override
      public void write(int b) throws java.io.IOException {
        sink.write(b);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws java.io.IOException {
        sink.write(bytes, offset, length);
      }

      @Override
      public void close() {
        pipe.close();
      }
    };
  }

  @Override
  public void close() {
    pipe.abandon();
  }
}
