package dev.wherry.master.pki;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import javax.security.auth.x500.X500Principal;

/**
 * What a certificate is to say (X.509 v3, RFC 5280); {@link #signedBy} makes one of it.
 *
 * @param issuer of the certificate; equal to the subject for a CA that signs itself
 * @param notBefore included, as is {@code notAfter}; both in whole seconds
 */
record CertificateDraft(
    BigInteger serial,
    Subject issuer,
    Subject subject,
    Instant notBefore,
    Instant notAfter,
    PublicKey publicKey,
    Use use) {
  private static final String ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
  private static final KeyUsage SIGNATURE = KeyUsage.DIGITAL_SIGNATURE;
  private static final KeyUsage SERVER = KeyUsage.SERVER_AUTH;
  private static final KeyUsage CLIENT = KeyUsage.CLIENT_AUTH;
  private static final int DIGITAL_SIGNATURE = 0x80;
  private static final int KEY_ENCIPHERMENT = 0x20;
  private static final int CERTIFICATE_AND_CRL_SIGN = 0x06;

  /** A distinguished name. */
  sealed interface Subject {
    /** In DER. */
    byte[] encoded();
  }

  /** The name of a request, as it stands there. */
  record Asked(X500Principal name) implements Subject {
    @Override
    public byte[] encoded() {
      return name.getEncoded();
    }
  }

  /** A name of the two attributes that Kubernetes reads. */
  record Name(String commonName, List<String> organizations) implements Subject {
    Name {
      organizations = List.copyOf(organizations);
    }

    @Override
    public byte[] encoded() {
      List<byte[]> parts = new ArrayList<>();
      for (String organization : organizations) {
        parts.add(attribute("2.5.4.10", organization));
      }
      parts.add(attribute("2.5.4.3", commonName));
      return Der.sequence(parts.toArray(byte[][]::new));
    }

    private static byte[] attribute(String oid, String value) {
      return Der.set(Der.sequence(Der.oid(oid), Der.utf8(value)));
    }
  }

  /** What the certificate may be used for. */
  sealed interface Use {
    record Authority() implements Use {}

    record Client() implements Use {}

    record Server(ServerNames names) implements Use {}

    /** As a request asked for it and a signer allowed it. */
    record Leaf(Set<KeyUsage> usages, List<AlternativeName> names) implements Use {
      public Leaf {
        usages = Set.copyOf(usages);
        names = List.copyOf(names);
      }
    }
  }

  X509Certificate signedBy(PrivateKey authorityKey, PublicKey authorityPublicKey)
      throws GeneralSecurityException {
    byte[] algorithm = Der.sequence(Der.oid(ECDSA_WITH_SHA256));
    byte[] content =
        Der.sequence(
            Der.explicit(0, Der.integer(2)),
            Der.integer(serial),
            algorithm,
            issuer.encoded(),
            Der.sequence(Der.time(notBefore), Der.time(notAfter)),
            subject.encoded(),
            publicKey.getEncoded(),
            Der.explicit(3, extensions(authorityPublicKey)));
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(authorityKey);
    signature.update(content);
    return Credential.certificate(Der.sequence(content, algorithm, Der.bits(0, signature.sign())));
  }

  private byte[] extensions(PublicKey authorityPublicKey) throws GeneralSecurityException {
    List<byte[]> list = new ArrayList<>();
    switch (use) {
      case Use.Authority _ -> {
        list.add(critical("2.5.29.19", Der.sequence(Der.trueValue())));
        list.add(critical("2.5.29.15", Der.bits(1, new byte[] {CERTIFICATE_AND_CRL_SIGN})));
        list.add(extension("2.5.29.14", Der.octets(keyIdentifier(publicKey))));
      }
      case Use.Client _ -> leaf(list, EnumSet.of(SIGNATURE, CLIENT), authorityPublicKey);
      case Use.Leaf(Set<KeyUsage> usages, List<AlternativeName> names) -> {
        leaf(list, usages, authorityPublicKey);
        if (!names.isEmpty()) {
          byte[][] encoded = names.stream().map(AlternativeName::encoded).toArray(byte[][]::new);
          list.add(extension("2.5.29.17", Der.sequence(encoded)));
        }
      }
      case Use.Server(ServerNames names) -> {
        leaf(list, EnumSet.of(SIGNATURE, SERVER), authorityPublicKey);
        list.add(extension("2.5.29.17", alternativeNames(names)));
      }
    }
    return Der.sequence(list.toArray(byte[][]::new));
  }

  private static void leaf(List<byte[]> list, Set<KeyUsage> usages, PublicKey authorityPublicKey)
      throws GeneralSecurityException {
    list.add(critical("2.5.29.19", Der.sequence()));
    int bits =
        (usages.contains(SIGNATURE) ? DIGITAL_SIGNATURE : 0)
            | (usages.contains(KeyUsage.KEY_ENCIPHERMENT) ? KEY_ENCIPHERMENT : 0);
    if (bits != 0) {
      int unused = Integer.numberOfTrailingZeros(bits);
      list.add(critical("2.5.29.15", Der.bits(unused, new byte[] {(byte) bits})));
    }
    List<byte[]> purposes = new ArrayList<>();
    if (usages.contains(SERVER)) {
      purposes.add(Der.oid("1.3.6.1.5.5.7.3.1"));
    }
    if (usages.contains(CLIENT)) {
      purposes.add(Der.oid("1.3.6.1.5.5.7.3.2"));
    }
    list.add(extension("2.5.29.37", Der.sequence(purposes.toArray(byte[][]::new))));
    list.add(
        extension("2.5.29.35", Der.sequence(Der.implicit(0, keyIdentifier(authorityPublicKey)))));
  }

  private static byte[] alternativeNames(ServerNames names) {
    List<byte[]> parts = new ArrayList<>();
    for (String name : names.dnsNames()) {
      parts.add(Der.implicit(2, name.getBytes(StandardCharsets.US_ASCII)));
    }
    for (var address : names.addresses()) {
      parts.add(Der.implicit(7, address.getAddress()));
    }
    return Der.sequence(parts.toArray(byte[][]::new));
  }

  private static byte[] extension(String oid, byte[] value) {
    return Der.sequence(Der.oid(oid), Der.octets(value));
  }

  private static byte[] critical(String oid, byte[] value) {
    return Der.sequence(Der.oid(oid), Der.trueValue(), Der.octets(value));
  }

  /** SHA-1 of the key's bits (RFC 5280, 4.2.1.2): an identifier, nothing rests on its strength. */
  private static byte[] keyIdentifier(PublicKey key) throws GeneralSecurityException {
    DerInput info = new DerInput(key.getEncoded()).sequence();
    info.whole();
    return MessageDigest.getInstance("SHA-1").digest(info.bits());
  }
}
