package dev.wherry.agent.ingress;

import dev.wherry.agent.host.Der;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A certificate that nobody vouches for, for hosts whose Secret is missing: a browser warns, but
 * what is sent is not in the clear. P-256, a year.
 */
record SelfSigned(PrivateKey key, X509Certificate certificate) {
  private static final Duration VALIDITY = Duration.ofDays(365);
  private static final List<Integer> ECDSA_WITH_SHA256 = List.of(1, 2, 840, 10045, 4, 3, 2);
  private static final List<Integer> COMMON_NAME = List.of(2, 5, 4, 3);
  private static final List<Integer> SUBJECT_ALTERNATIVE_NAME = List.of(2, 5, 29, 17);
  private static final String NAME = "wherry.invalid";

  static SelfSigned create(Instant now) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair keys = generator.generateKeyPair();
    byte[] algorithm = Der.sequence(Der.oid(ECDSA_WITH_SHA256));
    byte[] name = Der.sequence(Der.set(Der.sequence(Der.oid(COMMON_NAME), Der.utf8(NAME))));
    byte[] names =
        Der.sequence(
            Der.oid(SUBJECT_ALTERNATIVE_NAME), Der.octets(Der.sequence(Der.dnsName(NAME))));
    byte[] body =
        Der.sequence(
            Der.explicit(0, Der.integer(BigInteger.TWO)),
            Der.integer(new BigInteger(64, new SecureRandom())),
            algorithm,
            name,
            Der.sequence(Der.time(now.minus(Duration.ofHours(1))), Der.time(now.plus(VALIDITY))),
            name,
            keys.getPublic().getEncoded(),
            Der.explicit(3, Der.sequence(names)));
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(keys.getPrivate());
    signature.update(body);
    byte[] der = Der.sequence(body, algorithm, Der.bits(signature.sign()));
    return new SelfSigned(
        keys.getPrivate(),
        (X509Certificate)
            CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(der)));
  }
}
