package dev.wherry.master.pki;

import dev.wherry.master.pki.CertificateDraft.Name;
import dev.wherry.master.pki.CertificateDraft.Use;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * A certificate authority, made at the first start: EC P-256. The cluster's signs the API server's
 * certificate, the administrator's and those of the nodes' agents; another signs for proxies in
 * front of the API that say whose requests they bring. What it issues for this process is kept in
 * its directory and issued anew when a third of its life is left or its names have changed.
 *
 * <p>Thread-safe.
 */
public final class CertificateAuthority {
  static final Duration AUTHORITY_LIFE = Duration.ofDays(3650);
  static final Duration LEAF_LIFE = Duration.ofDays(365);

  /** Certificates begin in the past: clocks of small machines without a battery run behind. */
  static final Duration BACKDATING = Duration.ofDays(1);

  /** Whom the front proxies' authority signs for: who else comes by it says nobody's name. */
  public static final String FRONT_PROXY_CLIENT = "front-proxy-client";

  /**
   * What an authority is called.
   *
   * @param file without its ending
   */
  private record Naming(String commonName, String file) {
    static final Naming CLUSTER = new Naming("wherry-ca", "ca");
    static final Naming FRONT_PROXY = new Naming("front-proxy-ca", "front-proxy-ca");
  }

  private static final int SERIAL_BITS = 63;

  private final Path directory;
  private final InstantSource clock;
  private final Naming naming;
  private final Credential authority;
  private final SecureRandom random = new SecureRandom();

  private CertificateAuthority(
      Path directory, InstantSource clock, Naming naming, Credential authority) {
    this.directory = directory;
    this.clock = clock;
    this.naming = naming;
    this.authority = authority;
  }

  /**
   * Reads the cluster's authority in this directory, or makes it where there is none yet.
   *
   * @throws IOException with a message for the user, when it is damaged, expired or cannot be
   *     written
   */
  public static CertificateAuthority open(Path directory, InstantSource clock) throws IOException {
    return open(directory, clock, Naming.CLUSTER);
  }

  /** The authority of proxies in front of the API, likewise. */
  public static CertificateAuthority ofFrontProxies(Path directory, InstantSource clock)
      throws IOException {
    return open(directory, clock, Naming.FRONT_PROXY);
  }

  private static CertificateAuthority open(Path directory, InstantSource clock, Naming naming)
      throws IOException {
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path file = directory.resolve(naming.file() + ".pem");
    Credential authority;
    if (Files.exists(file)) {
      authority = load(file, clock);
    } else {
      authority = create(clock, naming.commonName());
      authority.store(file);
    }
    CertificateAuthority opened = new CertificateAuthority(directory, clock, naming, authority);
    Path readable = directory.resolve(naming.file() + ".crt");
    if (!Files.exists(readable)) {
      AtomicFile.write(readable, opened.pem(), AtomicFile.READABLE);
    }
    return opened;
  }

  private static Credential load(Path file, InstantSource clock) throws IOException {
    Credential authority;
    try {
      authority = Credential.load(file);
    } catch (IOException e) {
      throw new IOException(
          "the cluster's certificate authority cannot be used: "
              + e.getMessage()
              + "; put "
              + file
              + " back from a backup",
          e);
    }
    Instant end = authority.certificate().getNotAfter().toInstant();
    if (clock.instant().isAfter(end)) {
      throw new IOException(
          "the cluster's certificate authority in "
              + file
              + " ended at "
              + end
              + "; is this machine's clock right?");
    }
    return authority;
  }

  private static Credential create(InstantSource clock, String commonName) throws IOException {
    try {
      KeyPair pair = keyPair();
      Name name = new Name(commonName, List.of());
      Instant start = clock.instant().truncatedTo(ChronoUnit.SECONDS).minus(BACKDATING);
      CertificateDraft draft =
          new CertificateDraft(
              new BigInteger(SERIAL_BITS, new SecureRandom()),
              name,
              name,
              start,
              start.plus(AUTHORITY_LIFE),
              pair.getPublic(),
              new Use.Authority());
      return new Credential(pair.getPrivate(), draft.signedBy(pair.getPrivate(), pair.getPublic()));
    } catch (GeneralSecurityException e) {
      throw new IOException("this Java cannot make the cluster's certificate authority: " + e, e);
    }
  }

  private static KeyPair keyPair() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  public X509Certificate certificate() {
    return authority.certificate();
  }

  /** The authority's certificate as PEM. */
  public String pem() {
    return authority.certificatePem();
  }

  /** {@code sha256:} and the digest of the public key in hex, as kubeadm's join tokens carry it. */
  public String hash() {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(authority.certificate().getPublicKey().getEncoded());
      return "sha256:" + HexFormat.of().formatHex(digest);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The API server's credential, issued anew where it does not cover these names. */
  public Credential server(ServerNames names) throws IOException {
    return kept("server", new Name("kube-apiserver", List.of()), new Use.Server(names));
  }

  /** The credential of {@code system:admin}, whose group may do everything. */
  public Credential administrator() throws IOException {
    return kept("admin", new Name("system:admin", List.of("system:masters")), new Use.Client());
  }

  /** The credential of a proxy, for the authority of proxies. */
  public Credential frontProxyClient() throws IOException {
    return kept(FRONT_PROXY_CLIENT, new Name(FRONT_PROXY_CLIENT, List.of()), new Use.Client());
  }

  private synchronized Credential kept(String fileName, Name subject, Use use) throws IOException {
    Path file = directory.resolve(fileName + ".pem");
    if (Files.exists(file)) {
      Credential found = Credential.load(file);
      if (isGood(found.certificate(), use)) {
        return found;
      }
    }
    try {
      KeyPair pair = keyPair();
      Credential issued = new Credential(pair.getPrivate(), sign(pair.getPublic(), subject, use));
      issued.store(file);
      return issued;
    } catch (GeneralSecurityException e) {
      throw new IOException(
          "a certificate for " + subject.commonName() + " cannot be made: " + e, e);
    }
  }

  private boolean isGood(X509Certificate found, Use use) {
    Instant renewal = found.getNotAfter().toInstant().minus(LEAF_LIFE.dividedBy(3));
    boolean named = !(use instanceof Use.Server(ServerNames names)) || names.coveredBy(found);
    return named && issued(found) && clock.instant().isBefore(renewal);
  }

  /** Whether this authority signed the certificate. */
  private boolean issued(X509Certificate certificate) {
    try {
      certificate.verify(authority.certificate().getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /**
   * Signs a client's key under this name: {@code commonName} becomes the user, the organizations
   * its groups.
   *
   * @throws IllegalArgumentException when the key cannot be used
   */
  public X509Certificate signClient(PublicKey key, String commonName, List<String> organizations) {
    try {
      return sign(key, new Name(commonName, organizations), new Use.Client());
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("this key cannot be signed: " + e, e);
    }
  }

  /**
   * Signs the key of a certificate request (PKCS #10, DER), which proves that its sender has it.
   */
  public X509Certificate signClient(
      byte[] certificateRequest, String commonName, List<String> organizations) {
    return signClient(
        CertificateRequest.parse(certificateRequest).publicKey(), commonName, organizations);
  }

  /**
   * Signs a request as it stands, for these usages, from now on for this long; whether it may say
   * what it says is the caller's to judge. PEM.
   *
   * @throws IllegalArgumentException when its key cannot be used
   */
  public String sign(CertificateRequest request, Set<KeyUsage> usages, Duration life) {
    Instant end = clock.instant().truncatedTo(ChronoUnit.SECONDS).plus(life);
    try {
      X509Certificate signed =
          sign(
              request.publicKey(),
              new CertificateDraft.Asked(request.name()),
              new Use.Leaf(usages, request.alternatives()),
              end);
      return Pem.encode("CERTIFICATE", signed.getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("this key cannot be signed: " + e, e);
    }
  }

  private X509Certificate sign(PublicKey key, Name subject, Use use)
      throws GeneralSecurityException {
    Instant start = clock.instant().truncatedTo(ChronoUnit.SECONDS).minus(BACKDATING);
    return sign(key, subject, use, start.plus(LEAF_LIFE));
  }

  private X509Certificate sign(
      PublicKey key, CertificateDraft.Subject subject, Use use, Instant end)
      throws GeneralSecurityException {
    Instant start = clock.instant().truncatedTo(ChronoUnit.SECONDS).minus(BACKDATING);
    Instant authorityEnd = authority.certificate().getNotAfter().toInstant();
    return new CertificateDraft(
            new BigInteger(SERIAL_BITS, random),
            new Name(naming.commonName(), List.of()),
            subject,
            start,
            end.isBefore(authorityEnd) ? end : authorityEnd,
            key,
            use)
        .signedBy(authority.key(), authority.certificate().getPublicKey());
  }

  /**
   * Whether the certificate was issued here for a client and is in its time.
   *
   * @return what is wrong with it; empty when nothing is
   */
  public String complaint(X509Certificate client) {
    if (!issued(client)) {
      return "x509: certificate signed by unknown authority";
    }
    Instant now = clock.instant();
    if (now.isAfter(client.getNotAfter().toInstant())
        || now.isBefore(client.getNotBefore().toInstant())) {
      return "x509: certificate has expired or is not yet valid";
    }
    try {
      List<String> purposes = client.getExtendedKeyUsage();
      if (purposes == null || !purposes.contains("1.3.6.1.5.5.7.3.2")) {
        return "x509: certificate specifies an incompatible key usage";
      }
    } catch (java.security.cert.CertificateParsingException e) {
      return "x509: malformed extended key usage";
    }
    return "";
  }
}
