package dev.wherry.master.pki;

/** What the key of a certificate of a leaf may be used for. */
public enum KeyUsage {
  DIGITAL_SIGNATURE,
  KEY_ENCIPHERMENT,
  SERVER_AUTH,
  CLIENT_AUTH
}
