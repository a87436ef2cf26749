package dev.wherry.master.bootstrap;

import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.master.audit.AuditLog;
import dev.wherry.master.audit.AuditPolicy;
import dev.wherry.master.http.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What is recorded of requests, and where.
 *
 * @param policyFile an audit.k8s.io/v1 Policy; empty: the standard one
 * @param logPath the file; empty: {@code audit/audit.log} of the data directory; {@code none}:
 *     nothing is recorded
 * @param maxBytes of the file before another is begun
 * @param maxBackups how many older files are kept
 */
public record AuditOptions(String policyFile, String logPath, long maxBytes, int maxBackups) {
  public static final AuditOptions DEFAULT =
      new AuditOptions(
          "", "", AuditLog.Options.DEFAULT_MAX_BYTES, AuditLog.Options.DEFAULT_MAX_BACKUPS);

  private static final String NONE = "none";
  private static final long MAX_POLICY_BYTES = 1L << 20;

  boolean isOff() {
    return logPath.equals(NONE);
  }

  AuditLog.Options log(Path dataDirectory) {
    Path file = logPath.isEmpty() ? dataDirectory.resolve("audit/audit.log") : Path.of(logPath);
    return new AuditLog.Options(file, maxBytes, maxBackups);
  }

  /**
   * The policy.
   *
   * @throws IOException with a message for the user when the file is none
   */
  AuditPolicy policy() throws IOException {
    if (policyFile.isEmpty()) {
      return AuditPolicy.standard();
    }
    Path file = Path.of(policyFile);
    try {
      if (Files.size(file) > MAX_POLICY_BYTES) {
        throw new IOException("it is longer than " + MAX_POLICY_BYTES + " bytes");
      }
      return AuditPolicy.parse(Yaml.read(Files.readAllBytes(file), _ -> {}));
    } catch (IOException | IllegalArgumentException | MalformedTreeException e) {
      throw new IOException("the audit policy " + file + " cannot be used: " + e.getMessage(), e);
    }
  }
}
