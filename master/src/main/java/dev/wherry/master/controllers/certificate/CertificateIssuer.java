package dev.wherry.master.controllers.certificate;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** The cluster's certificate authority, as signers see it; a port that who has it fills. */
public interface CertificateIssuer {
  /** For a master that signs nothing. */
  CertificateIssuer NONE =
      new CertificateIssuer() {
        @Override
        public Wish read(String pem) {
          throw new IllegalArgumentException("there is no certificate authority");
        }

        @Override
        public String sign(String pem, Set<Usage> usages, Duration life) {
          throw new IllegalArgumentException("there is no certificate authority");
        }

        @Override
        public Instant end(String pem) {
          throw new IllegalArgumentException("there is no certificate authority");
        }
      };

  /** What a key is for, in Kubernetes' words. */
  enum Usage {
    DIGITAL_SIGNATURE("digital signature"),
    KEY_ENCIPHERMENT("key encipherment"),
    SERVER_AUTH("server auth"),
    CLIENT_AUTH("client auth");

    private final String word;

    Usage(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }
  }

  /** The names that a request asks for. */
  record Wish(
      String commonName,
      List<String> organizations,
      List<String> dnsNames,
      List<String> addresses,
      List<String> emails,
      List<String> uris) {
    public Wish {
      organizations = List.copyOf(organizations);
      dnsNames = List.copyOf(dnsNames);
      addresses = List.copyOf(addresses);
      emails = List.copyOf(emails);
      uris = List.copyOf(uris);
    }
  }

  /**
   * Reads a request, PEM.
   *
   * @throws IllegalArgumentException when it is none, or does not prove its key
   */
  Wish read(String pem);

  /**
   * The certificate, PEM, with the names that the request asks for.
   *
   * @throws IllegalArgumentException when it cannot be signed
   */
  String sign(String pem, Set<Usage> usages, Duration life);

  /**
   * When the first of these certificates, PEM, ends.
   *
   * @throws IllegalArgumentException when they are none
   */
  Instant end(String pem);
}
