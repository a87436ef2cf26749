package dev.wherry.master.pki;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** Who a client certificate names: CN is the user, each O is a group. Immutable. */
public record ClientSubject(String commonName, List<String> organizations) {
  private static final String COMMON_NAME = "2.5.4.3";
  private static final String ORGANIZATION = "2.5.4.10";

  public ClientSubject {
    organizations = List.copyOf(organizations);
  }

  /** Reads the certificate's subject; a common name that lacks is the empty string. */
  public static ClientSubject of(X509Certificate certificate) {
    return read(certificate.getSubjectX500Principal().getEncoded());
  }

  /** Reads a distinguished name, DER. */
  static ClientSubject read(byte[] der) {
    String commonName = "";
    List<String> organizations = new ArrayList<>();
    DerInput name = new DerInput(der).sequence();
    while (name.hasMore()) {
      DerInput relative = name.set();
      while (relative.hasMore()) {
        DerInput attribute = relative.sequence();
        String type = attribute.oid();
        String value = attribute.text();
        if (type.equals(COMMON_NAME)) {
          commonName = value;
        } else if (type.equals(ORGANIZATION)) {
          organizations.add(value);
        }
      }
    }
    return new ClientSubject(commonName, organizations);
  }
}
