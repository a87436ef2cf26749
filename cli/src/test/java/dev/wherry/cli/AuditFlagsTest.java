package dev.wherry.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.master.bootstrap.AuditOptions;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class AuditFlagsTest {
  private static AuditOptions parsed(String... arguments) {
    AuditFlags flags = new AuditFlags();
    new CommandLine(new Holder(flags)).parseArgs(arguments);
    return flags.options();
  }

  @CommandLine.Command
  private record Holder(@CommandLine.Mixin AuditFlags flags) {}

  @Test
  void recordMetadataFromTheStart() {
    assertThat(parsed()).isEqualTo(AuditOptions.DEFAULT);
    assertThat(AuditOptions.DEFAULT.logPath()).isEmpty();
  }

  @Test
  void sayWhatIsRecordedAndWhere() {
    assertThat(
            parsed(
                "--audit-policy-file=policy.yaml",
                "--audit-log-path=/var/log/audit.log",
                "--audit-log-maxsize=3",
                "--audit-log-maxbackup=0"))
        .isEqualTo(
            new AuditOptions(
                Path.of("policy.yaml").toAbsolutePath().toString(),
                "/var/log/audit.log",
                3L << 20,
                0));
    assertThat(parsed("--audit-log-path=none").logPath()).isEqualTo("none");
  }

  @ParameterizedTest
  @CsvSource({
    "--audit-log-maxsize=0, '--audit-log-maxsize must be between 1 and 1024, not 0'",
    "--audit-log-maxsize=2000, '--audit-log-maxsize must be between 1 and 1024, not 2000'",
    "--audit-log-maxbackup=-1, '--audit-log-maxbackup must be between 0 and 1000, not -1'",
  })
  void refuseWhatCannotBe(String argument, String message) {
    assertThatThrownBy(() -> parsed(argument)).isInstanceOf(UserError.class).hasMessage(message);
  }
}
