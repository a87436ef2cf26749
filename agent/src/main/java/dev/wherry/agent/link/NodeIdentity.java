package dev.wherry.agent.link;

import dev.wherry.agent.host.Der;
import dev.wherry.api.object.NodeName;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The node's key, its certificate and the authority's, in a directory of the agent: {@code
 * node.key} (PKCS #8, readable by its owner alone), {@code node.pub}, {@code node.crt} and {@code
 * ca.crt}, all PEM. The key is made once and stays: it is how the master knows the node again.
 * Thread-safe.
 */
final class NodeIdentity {
  private static final String KEY = "node.key";
  private static final String PUBLIC_KEY = "node.pub";
  private static final String CERTIFICATE = "node.crt";
  private static final String AUTHORITY = "ca.crt";
  private static final String JOINED_BY = "joined-by";
  private static final List<Integer> COMMON_NAME = List.of(2, 5, 4, 3);
  private static final List<Integer> ORGANIZATION = List.of(2, 5, 4, 10);
  private static final List<Integer> ECDSA_WITH_SHA256 = List.of(1, 2, 840, 10045, 4, 3, 2);

  /** What the master signed. */
  record Credentials(PrivateKey key, X509Certificate certificate, X509Certificate authority) {}

  private final Path directory;
  private final KeyPair keys;

  private NodeIdentity(Path directory, KeyPair keys) {
    this.directory = directory;
    this.keys = keys;
  }

  /** Reads the node's key, or makes one where there is none. */
  static NodeIdentity open(Path directory) throws IOException, GeneralSecurityException {
    Files.createDirectories(directory);
    Path key = directory.resolve(KEY);
    Path publicKey = directory.resolve(PUBLIC_KEY);
    if (Files.exists(key) && Files.exists(publicKey)) {
      KeyFactory factory = KeyFactory.getInstance("EC");
      return new NodeIdentity(
          directory,
          new KeyPair(
              factory.generatePublic(new X509EncodedKeySpec(readPem(publicKey))),
              factory.generatePrivate(new PKCS8EncodedKeySpec(readPem(key)))));
    }
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair made = generator.generateKeyPair();
    writePem(key, "PRIVATE KEY", made.getPrivate().getEncoded(), "rw-------");
    writePem(publicKey, "PUBLIC KEY", made.getPublic().getEncoded(), "rw-r--r--");
    return new NodeIdentity(directory, made);
  }

  /** The certificates as they were stored last; empty when the node never joined. */
  Optional<Credentials> credentials() throws IOException, GeneralSecurityException {
    Path certificate = directory.resolve(CERTIFICATE);
    Path authority = directory.resolve(AUTHORITY);
    if (!Files.exists(certificate) || !Files.exists(authority)) {
      return Optional.empty();
    }
    return Optional.of(
        new Credentials(
            keys.getPrivate(), certificate(readPem(certificate)), certificate(readPem(authority))));
  }

  /** Takes in what the master signed. */
  Credentials store(X509Certificate certificate, X509Certificate authority)
      throws IOException, GeneralSecurityException {
    writePem(directory.resolve(AUTHORITY), "CERTIFICATE", authority.getEncoded(), "rw-r--r--");
    writePem(directory.resolve(CERTIFICATE), "CERTIFICATE", certificate.getEncoded(), "rw-r--r--");
    return new Credentials(keys.getPrivate(), certificate, authority);
  }

  /** Whether this node joined by the token of this id before. */
  boolean joinedBy(String tokenId) throws IOException {
    Path file = directory.resolve(JOINED_BY);
    return Files.exists(file) && Files.readString(file).strip().equals(tokenId);
  }

  /** Remembers by which token the node joined; its id is no secret. */
  void rememberToken(String tokenId) throws IOException {
    Files.writeString(directory.resolve(JOINED_BY), tokenId + "\n");
  }

  static X509Certificate certificate(byte[] der) throws GeneralSecurityException {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
  }

  /** A request (PKCS #10, RFC 2986) for this node's client certificate, DER. */
  byte[] certificateRequest(NodeName node) throws GeneralSecurityException {
    byte[] subject =
        Der.sequence(
            Der.set(Der.sequence(Der.oid(ORGANIZATION), Der.utf8("system:nodes"))),
            Der.set(Der.sequence(Der.oid(COMMON_NAME), Der.utf8("system:node:" + node))));
    byte[] info =
        Der.sequence(Der.zero(), subject, keys.getPublic().getEncoded(), Der.emptyContext0());
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(keys.getPrivate());
    signature.update(info);
    return Der.sequence(info, Der.sequence(Der.oid(ECDSA_WITH_SHA256)), Der.bits(signature.sign()));
  }

  private static byte[] readPem(Path file) throws IOException {
    StringBuilder base64 = new StringBuilder();
    for (String line : Files.readAllLines(file)) {
      if (!line.startsWith("-----")) {
        base64.append(line.strip());
      }
    }
    try {
      return Base64.getDecoder().decode(base64.toString());
    } catch (IllegalArgumentException e) {
      throw new IOException(file + " is damaged: " + e.getMessage(), e);
    }
  }

  private static void writePem(Path file, String label, byte[] der, String permissions)
      throws IOException {
    String text =
        "-----BEGIN "
            + label
            + "-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
            + "\n-----END "
            + label
            + "-----\n";
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    Files.createFile(
        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions)));
    Files.writeString(fresh, text);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
