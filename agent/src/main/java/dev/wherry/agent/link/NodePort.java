package dev.wherry.agent.link;

import dev.wherry.agent.runtime.ContainerStreams.Connection;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection to a port of this node itself, for {@code nodes/NAME:PORT/proxy}. */
record NodePort(Socket socket, InputStream input, OutputStream output) implements Connection {
  private static final Logger LOG = LoggerFactory.getLogger(NodePort.class);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  /**
   * Connects.
   *
   * @param address one of this node: the tunnel leads no further
   * @throws IllegalArgumentException for an address elsewhere
   */
  static NodePort open(String address, int port) throws IOException {
    InetAddress here = InetAddress.ofLiteral(address);
    if (NetworkInterface.getByInetAddress(here) == null) {
      throw new IllegalArgumentException(address + " is no address of this node");
    }
    Socket socket = new Socket();
    try {
      socket.connect(new InetSocketAddress(here, port), (int) CONNECT_TIMEOUT.toMillis());
      return new NodePort(socket, socket.getInputStream(), output(socket));
    } catch (IOException e) {
      socket.close();
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
    try {
      socket.close();
    } catch (IOException e) {
      LOG.debug("a socket was closed with a failure: {}", e.toString());
    }
  }
}
