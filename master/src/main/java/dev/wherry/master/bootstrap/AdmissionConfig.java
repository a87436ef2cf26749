package dev.wherry.master.bootstrap;

import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.master.admission.AdmissionOptions;
import dev.wherry.master.http.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file that configures admission (apiserver.config.k8s.io/v1 AdmissionConfiguration). */
final class AdmissionConfig {
  private static final long MAX_BYTES = 1L << 20;

  private AdmissionConfig() {}

  /**
   * What it says; what is usual where no file is named.
   *
   * @throws IOException with a message for the user when the file cannot be used
   */
  static AdmissionOptions read(String file) throws IOException {
    if (file.isEmpty()) {
      return AdmissionOptions.STANDARD;
    }
    Path path = Path.of(file);
    try {
      if (Files.size(path) > MAX_BYTES) {
        throw new IOException("it is longer than " + MAX_BYTES + " bytes");
      }
      return AdmissionOptions.parse(Yaml.read(Files.readAllBytes(path), _ -> {}));
    } catch (IOException | IllegalArgumentException | MalformedTreeException e) {
      throw new IOException(
          "the admission configuration " + path + " cannot be used: " + e.getMessage(), e);
    }
  }
}
