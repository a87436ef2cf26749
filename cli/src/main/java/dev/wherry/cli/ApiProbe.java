package dev.wherry.cli;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * Asks a running server whether it is ready, over TLS with the CA of its kubeconfig. A bare request
 * on a socket: the platform's HTTP client costs a command of a third of a second more than the
 * question is worth.
 */
final class ApiProbe {
  private static final int TIMEOUT_MILLIS = 3000;
  private static final Pattern SERVER = Pattern.compile("server: https://([^:/\\s]+):(\\d+)");
  private static final Pattern AUTHORITY = Pattern.compile("certificate-authority-data: (\\S+)");

  private ApiProbe() {}

  /** Whether {@code /readyz} answers 200. */
  static boolean isReady(DataDirectory data) {
    try {
      String kubeconfig = Files.readString(data.kubeconfig());
      Matcher server = SERVER.matcher(kubeconfig);
      Matcher authority = AUTHORITY.matcher(kubeconfig);
      if (!server.find() || !authority.find()) {
        return false;
      }
      String host = server.group(1);
      try (Socket plain = new Socket(host, Integer.parseInt(server.group(2)))) {
        plain.setSoTimeout(TIMEOUT_MILLIS);
        try (SSLSocket socket =
            (SSLSocket)
                trusting(Base64.getDecoder().decode(authority.group(1)))
                    .getSocketFactory()
                    .createSocket(plain, host, plain.getPort(), true)) {
          socket
              .getOutputStream()
              .write(
                  ("GET /readyz HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                      .getBytes(StandardCharsets.US_ASCII));
          byte[] line = socket.getInputStream().readNBytes(12);
          return new String(line, StandardCharsets.US_ASCII).equals("HTTP/1.1 200");
        }
      }
    } catch (IOException | GeneralSecurityException e) {
      return false; // no server, or none that this directory's CA vouches for
    }
  }

  private static SSLContext trusting(byte[] pem) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setCertificateEntry(
        "ca",
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new java.io.ByteArrayInputStream(pem)));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
