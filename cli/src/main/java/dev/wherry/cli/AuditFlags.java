package dev.wherry.cli;

import dev.wherry.master.bootstrap.AuditOptions;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Flags of the audit log, named as Kubernetes' API server names them. */
final class AuditFlags {
  private static final long BYTES_A_MEGABYTE = 1L << 20;

  @Option(
      names = "--audit-policy-file",
      paramLabel = "FILE",
      description =
          "what the audit log records, an audit.k8s.io/v1 Policy (default: metadata of what clients"
              + " do)",
      defaultValue = "")
  private String policyFile = "";

  @Option(
      names = "--audit-log-path",
      paramLabel = "FILE",
      description = "the audit log; none: there is none (default: master/audit/audit.log)",
      defaultValue = "")
  private String logPath = "";

  @Option(
      names = "--audit-log-maxsize",
      paramLabel = "MEGABYTES",
      description = "how long it grows before another is begun (default: ${DEFAULT-VALUE})",
      defaultValue = "10")
  private int maxMegabytes = 10;

  @Option(
      names = "--audit-log-maxbackup",
      paramLabel = "COUNT",
      description = "how many older ones are kept, compressed (default: ${DEFAULT-VALUE})",
      defaultValue = "10")
  private int maxBackups = 10;

  AuditOptions options() {
    if (maxMegabytes < 1 || maxMegabytes > 1024) {
      throw new UserError("--audit-log-maxsize must be between 1 and 1024, not " + maxMegabytes);
    }
    if (maxBackups < 0 || maxBackups > 1000) {
      throw new UserError("--audit-log-maxbackup must be between 0 and 1000, not " + maxBackups);
    }
    return new AuditOptions(
        absolute(policyFile), absolute(logPath), maxMegabytes * BYTES_A_MEGABYTE, maxBackups);
  }

  private static String absolute(String file) {
    return file.isEmpty() || file.equals("none") ? file : Path.of(file).toAbsolutePath().toString();
  }
}
