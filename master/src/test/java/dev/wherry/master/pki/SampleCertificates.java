package dev.wherry.master.pki;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.stream.Stream;

/** Certificates that are nobody's. */
public final class SampleCertificates {
  private SampleCertificates() {}

  /** A new authority's, in PEM. */
  public static String authority() {
    try {
      Path directory = Files.createTempDirectory("wherry-authority");
      try {
        return CertificateAuthority.open(directory, InstantSource.system()).pem();
      } finally {
        try (Stream<Path> files = Files.walk(directory)) {
          for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(each);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
