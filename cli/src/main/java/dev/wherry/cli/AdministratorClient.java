package dev.wherry.cli;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.pki.CertificateAuthority;
import dev.wherry.master.pki.Credential;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Speaks to the API on this machine with a certificate that the cluster's own CA signs for it. */
final class AdministratorClient {
  private static final Duration TIMEOUT = Duration.ofSeconds(15);
  private static final char[] NO_PASSWORD = new char[0];

  private final HttpClient client;
  private final String base;

  AdministratorClient(CertificateAuthority authority, int apiPort) {
    try {
      client =
          HttpClient.newBuilder()
              .sslContext(context(authority))
              .version(HttpClient.Version.HTTP_1_1)
              .connectTimeout(TIMEOUT)
              .build();
    } catch (GeneralSecurityException | IOException e) {
      throw new UserError("the cluster's keys cannot be used: " + e.getMessage(), e);
    }
    base = "https://127.0.0.1:" + apiPort;
  }

  private static SSLContext context(CertificateAuthority authority)
      throws GeneralSecurityException, IOException {
    Credential administrator = authority.administrator();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(null, NO_PASSWORD);
    keys.setKeyEntry(
        "administrator",
        administrator.key(),
        NO_PASSWORD,
        new Certificate[] {administrator.certificate()});
    KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(keys, NO_PASSWORD);
    KeyStore anchors = KeyStore.getInstance("PKCS12");
    anchors.load(null, NO_PASSWORD);
    anchors.setCertificateEntry("ca", authority.certificate());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(anchors);
    SSLContext context = SSLContext.getInstance("TLSv1.3");
    context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  /**
   * One request; the object that it answers with.
   *
   * @throws UserError with the API's words when it refuses
   */
  Obj send(String method, String path, Optional<byte[]> body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(TIMEOUT)
            .header("Accept", "application/json")
            .header("Content-Type", "application/json")
            .method(method, body.map(BodyPublishers::ofByteArray).orElseGet(BodyPublishers::noBody))
            .build();
    HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
    Obj answer;
    try {
      answer = Json.read(response.body());
    } catch (MalformedTreeException e) {
      throw new UserError("the API answered " + response.statusCode() + " without an object", e);
    }
    if (response.statusCode() >= 300) {
      throw new UserError(answer.string("message", "the API answered " + response.statusCode()));
    }
    return answer;
  }
}
