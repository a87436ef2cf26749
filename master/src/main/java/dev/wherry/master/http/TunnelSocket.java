package dev.wherry.master.http;

import dev.wherry.master.registry.Connector.PortStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * A stream in the shape that the JDK's TLS can be laid over. What a socket has beyond its two
 * streams is not there.
 */
final class TunnelSocket extends Socket {
  private final PortStream stream;

  private TunnelSocket(PortStream stream) {
    this.stream = stream;
  }

  /**
   * TLS to a pod. Its certificate is not checked: a pod has none that anybody could vouch for
   * (Kubernetes does the same), and the way to it is the node's own tunnel.
   */
  static SSLSocket tls(PortStream stream, String host, int port) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new AnyServer()}, null);
      if (context.getSocketFactory().createSocket(new TunnelSocket(stream), host, port, true)
          instanceof SSLSocket tls) {
        tls.setUseClientMode(true);
        tls.startHandshake();
        return tls;
      }
      throw new IllegalStateException("a factory of TLS sockets makes TLS sockets");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has TLS", e);
    }
  }

  @Override
  public InputStream getInputStream() {
    return stream.input();
  }

  @Override
  public OutputStream getOutputStream() {
    return stream.output();
  }

  @Override
  public boolean isConnected() {
    return true;
  }

  @Override
  public void setSoTimeout(int millis) {}

  @Override
  public int getSoTimeout() {
    return 0;
  }

  @Override
  public void close() {
    stream.close();
  }

  private static final class AnyServer implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {
      throw new UnsupportedOperationException("this side is the client");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
