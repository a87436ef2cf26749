package dev.wherry.master.pki;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;

/** The file that kubectl and client libraries find a cluster by (client.config/v1). Pure. */
public final class Kubeconfig {
  private Kubeconfig() {}

  /**
   * A kubeconfig of one cluster and one user, with everything inside.
   *
   * @param server such as {@code https://192.168.1.10:6443}
   */
  public static String render(String server, CertificateAuthority authority, Credential user) {
    return """
    apiVersion: v1
    kind: Config
    clusters:
    - name: wherry
      cluster:
        server: %s
        certificate-authority-data: %s
    users:
    - name: admin
      user:
        client-certificate-data: %s
        client-key-data: %s
    contexts:
    - name: wherry
      context:
        cluster: wherry
        user: admin
    current-context: wherry
    """
        .formatted(
            server,
            base64(authority.pem()),
            base64(user.certificatePem()),
            base64(user.ecKeyPem()));
  }

  /** Writes the text where its owner alone may read it, whole or not at all. */
  public static void write(Path file, String kubeconfig) throws IOException {
    AtomicFile.write(file, kubeconfig, AtomicFile.OWNER_ONLY);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
