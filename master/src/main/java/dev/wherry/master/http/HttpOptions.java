package dev.wherry.master.http;

import dev.wherry.master.pki.CertificateAuthority;
import dev.wherry.master.pki.ServerNames;
import java.net.InetAddress;
import java.nio.file.Path;

/**
 * How the front end listens.
 *
 * @param port 0 takes a free one
 * @param frontProxies who signs for proxies that say whose requests they bring
 * @param names that the server's certificate is to cover
 * @param openApiDirectory where the OpenAPI documents are kept; made where it lacks
 */
public record HttpOptions(
    InetAddress bindAddress,
    int port,
    CertificateAuthority authority,
    CertificateAuthority frontProxies,
    ServerNames names,
    Path openApiDirectory) {
  public HttpOptions {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("no port: " + port);
    }
  }
}
