package dev.wherry.master.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CertificateAuthorityTest {
  private static final ServerNames NAMES =
      ServerNames.ofApiServer("rpi-1", List.of(ServerNames.literal("10.43.0.1")));

  @TempDir private Path directory;
  private Instant now = Instant.parse("2026-03-01T12:00:00Z");

  private CertificateAuthority open() throws IOException {
    return CertificateAuthority.open(directory, () -> now);
  }

  @Test
  void isTheSameWhenOpenedAgain() throws Exception {
    CertificateAuthority first = open();
    Credential server = first.server(NAMES);
    Credential administrator = first.administrator();
    CertificateAuthority second = open();
    assertThat(second.hash()).isEqualTo(first.hash()).matches("sha256:[0-9a-f]{64}");
    assertThat(second.server(NAMES)).isEqualTo(server);
    assertThat(second.administrator()).isEqualTo(administrator);
  }

  @Test
  void coversNamesAndAddresses() throws Exception {
    X509Certificate certificate = open().server(NAMES).certificate();
    assertThat(certificate.getSubjectAlternativeNames())
        .extracting(each -> (Object) each.get(1))
        .contains(
            "localhost",
            "rpi-1",
            "kubernetes",
            "kubernetes.default",
            "kubernetes.default.svc",
            "kubernetes.default.svc.cluster.local",
            "127.0.0.1",
            "10.43.0.1");
    assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
    assertThat(open().certificate().getBasicConstraints()).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void issuesAnewForANewNameAndNearTheEnd() throws Exception {
    BigInteger first = open().server(NAMES).certificate().getSerialNumber();
    ServerNames more =
        ServerNames.ofApiServer(
            "rpi-1", List.of(ServerNames.literal("10.43.0.1"), ServerNames.literal("fd00::1")));
    BigInteger second = open().server(more).certificate().getSerialNumber();
    assertThat(second).isNotEqualTo(first);
    assertThat(open().server(NAMES).certificate().getSerialNumber()).isEqualTo(second);
    now = now.plus(CertificateAuthority.LEAF_LIFE.multipliedBy(3).dividedBy(4));
    assertThat(open().server(NAMES).certificate().getSerialNumber()).isNotEqualTo(second);
  }

  @Test
  void keepsKeysToTheOwner() throws Exception {
    CertificateAuthority authority = open();
    authority.server(NAMES);
    authority.administrator();
    for (String name : List.of("ca.pem", "server.pem", "admin.pem")) {
      assertThat(
              PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(name))))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void signsClientsOfARequestThatProvesItsKey() throws Exception {
    KeyPair pair = keys("EC");
    byte[] request = request(pair, pair);
    X509Certificate certificate =
        open().signClient(request, "system:node:rpi-2", List.of("system:nodes"));
    assertThat(certificate.getPublicKey()).isEqualTo(pair.getPublic());
    assertThat(ClientSubject.of(certificate))
        .isEqualTo(new ClientSubject("system:node:rpi-2", List.of("system:nodes")));
    assertThat(open().complaint(certificate)).isEmpty();
    assertThatThrownBy(() -> open().signClient(request(pair, keys("EC")), "x", List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("signature");
    assertThatThrownBy(() -> open().signClient(new byte[] {0x30, 5, 1}, "x", List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sha256", "sha384", "sha512"})
  void readsRequestsSignedByRsaWithPss(String hash) throws Exception {
    Path file = directory.resolve("pss.csr");
    run(
        "openssl",
        "req",
        "-new",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-" + hash,
        "-sigopt",
        "rsa_padding_mode:pss",
        "-sigopt",
        "rsa_pss_saltlen:-1",
        "-keyout",
        directory.resolve("pss.key").toString(),
        "-subj",
        "/CN=jane",
        "-out",
        file.toString());
    String pem = Files.readString(file);
    assertThat(CertificateRequest.parsePem(pem).subject().commonName()).isEqualTo("jane");
    byte[] forged = Pem.decode(pem, "CERTIFICATE REQUEST");
    forged[forged.length - 1] ^= 1;
    assertThatThrownBy(() -> CertificateRequest.parse(forged))
        .hasMessage("the signature of the certificate request is wrong");
  }

  /** As users make them: with openssl, RSA, and other names. */
  @Test
  void signsWhatARequestAsksFor() throws Exception {
    Path file = directory.resolve("jane.csr");
    run(
        "openssl",
        "req",
        "-new",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "/dev/null",
        "-subj",
        "/O=dev/O=ops/CN=jane",
        "-addext",
        "subjectAltName=DNS:db.example,IP:10.0.0.7,IP:fd00::1,email:a@example.org,URI:spiffe://x",
        "-out",
        file.toString());
    CertificateRequest request = CertificateRequest.parsePem(Files.readString(file));
    assertThat(request.subject()).isEqualTo(new ClientSubject("jane", List.of("dev", "ops")));
    assertThat(request.alternatives())
        .containsExactly(
            new AlternativeName(AlternativeName.Kind.DNS, "db.example"),
            new AlternativeName(AlternativeName.Kind.ADDRESS, "10.0.0.7"),
            new AlternativeName(AlternativeName.Kind.ADDRESS, "fd00:0:0:0:0:0:0:1"),
            new AlternativeName(AlternativeName.Kind.EMAIL, "a@example.org"),
            new AlternativeName(AlternativeName.Kind.URI, "spiffe://x"));
    String pem =
        open()
            .sign(
                request,
                Set.of(KeyUsage.CLIENT_AUTH, KeyUsage.KEY_ENCIPHERMENT),
                Duration.ofMinutes(10));
    Path signed = directory.resolve("jane.crt");
    Files.writeString(signed, pem);
    String text = run("openssl", "x509", "-noout", "-text", "-in", signed.toString());
    assertThat(text)
        .contains("Subject: O = dev, O = ops, CN = jane")
        .contains("TLS Web Client Authentication")
        .contains("Key Encipherment")
        .contains("DNS:db.example, IP Address:10.0.0.7, IP Address:FD00:0:0:0:0:0:0:1")
        .contains("Not After : Mar  1 12:10:00 2026");
    assertThat(text).doesNotContain("Digital Signature").doesNotContain("Server Authentication");
  }

  private static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
    return said;
  }

  @Test
  void complainsOfStrangersServersAndTheExpired(@TempDir Path elsewhere) throws Exception {
    CertificateAuthority authority = open();
    X509Certificate stranger =
        CertificateAuthority.open(elsewhere, () -> now).administrator().certificate();
    assertThat(authority.complaint(stranger)).contains("unknown authority");
    assertThat(authority.complaint(authority.server(NAMES).certificate())).contains("key usage");
    X509Certificate administrator = authority.administrator().certificate();
    assertThat(authority.complaint(administrator)).isEmpty();
    now = now.plus(Duration.ofDays(366));
    assertThat(authority.complaint(administrator)).contains("expired");
  }

  @Test
  void saysWhichFileIsDamaged() throws Exception {
    open();
    Files.writeString(directory.resolve("ca.pem"), "nothing");
    assertThatThrownBy(this::open)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(directory.resolve("ca.pem").toString())
        .hasMessageContaining("backup");
  }

  @Test
  void isReadByOpenssl() throws Exception {
    CertificateAuthority authority = open();
    authority.server(NAMES);
    Process verify =
        new ProcessBuilder(
                "openssl",
                "verify",
                "-x509_strict",
                "-attime",
                Long.toString(now.getEpochSecond()),
                "-CAfile",
                directory.resolve("ca.crt").toString(),
                directory.resolve("server.pem").toString())
            .redirectErrorStream(true)
            .start();
    String said =
        new String(verify.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(verify.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(verify.exitValue()).as(said).isZero();
  }

  @ParameterizedTest
  @CsvSource({"2.5.4.3, 0603550403", "1.2.840.10045.4.3.2, 06082a8648ce3d040302"})
  void writesObjectIdentifiers(String dotted, String hex) {
    assertThat(Der.oid(dotted)).isEqualTo(HexFormat.of().parseHex(hex));
    assertThat(new DerInput(Der.oid(dotted)).oid()).isEqualTo(dotted);
  }

  private static KeyPair keys(String algorithm) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    generator.initialize(256);
    return generator.generateKeyPair();
  }

  /** A PKCS #10 request for this key, signed with that one. */
  private static byte[] request(KeyPair subject, KeyPair signer) throws Exception {
    byte[] info =
        Der.sequence(
            Der.integer(0),
            new CertificateDraft.Name("ignored", List.of()).encoded(),
            subject.getPublic().getEncoded(),
            Der.explicit(0));
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(signer.getPrivate());
    signature.update(info);
    return Der.sequence(
        info, Der.sequence(Der.oid("1.2.840.10045.4.3.2")), Der.bits(0, signature.sign()));
  }
}
