package dev.wherry.agent.runtime.socket;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * A connection whose two directions end apart: {@link #endOutput} is the reader's end of file while
 * its answers still come.
 *
 * <p>One thread may read while another writes. An interrupt of either closes the connection.
 */
public final class UnixStream implements AutoCloseable {
  private final SocketChannel channel;

  private UnixStream(SocketChannel channel) {
    this.channel = channel;
  }

  public static UnixStream open(Path socket) throws IOException {
    return open(UnixDomainSocketAddress.of(socket));
  }

  /** To a unix or a TCP address. */
  public static UnixStream open(SocketAddress address) throws IOException {
    return new UnixStream(SocketChannel.open(address));
  }

  public InputStream input() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        return length == 0 ? 0 : channel.read(ByteBuffer.wrap(bytes, offset, length));
      }
    };
  }

  public OutputStream output() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
        while (buffer.hasRemaining()) {
          if (channel.write(buffer) < 0) {
            throw new EOFException("the peer closed the connection");
          }
        }
      }

      @Override
      public void close() throws IOException {
        endOutput();
      }
    };
  }

  /** Ends this side's direction; the peer reads end of file. */
  public void endOutput() throws IOException {
    try {
      channel.shutdownOutput();
    } catch (ClosedChannelException | NotYetConnectedException _) {
      // Closed altogether: there is nothing left to end.
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException _) {
      // Closing a socket fails only when it is broken already, and it is let go either way.
    }
  }
}
