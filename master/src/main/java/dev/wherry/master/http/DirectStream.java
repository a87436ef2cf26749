package dev.wherry.master.http;

import dev.wherry.master.registry.Connector;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;

/** A connection from this machine to an address that no node's tunnel leads to. */
record DirectStream(Socket socket, InputStream input, OutputStream output)
    implements Connector.PortStream {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  /**
   * Connects.
   *
   * @param address an IP address; no name is looked up
   */
  static DirectStream open(String address, int port) throws IOException {
    Socket socket = new Socket();
    try {
      socket.connect(
          new InetSocketAddress(InetAddress.ofLiteral(address), port),
          (int) CONNECT_TIMEOUT.toMillis());
      return new DirectStream(socket, socket.getInputStream(), output(socket));
    } catch (IOException e) {
      Streams.closeQuietly(socket);
      throw e;
    }
  }

  /** Its end is the end of this direction alone. */
  private static OutputStream output(Socket socket) throws IOException {
    OutputStream bytes = socket.getOutputStream();
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        bytes.write(b);
      }

      @Override
      public void write(byte[] source, int offset, int length) throws IOException {
        bytes.write(source, offset, length);
      }

      @Override
      public void close() throws IOException {
        socket.shutdownOutput();
      }
    };
  }

  @Override
  public void close() {
    Streams.closeQuietly(socket);
  }
}
