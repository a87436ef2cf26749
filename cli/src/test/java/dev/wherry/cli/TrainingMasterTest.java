package dev.wherry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainingMasterTest {
  @Test
  void runsWithOurFlagsButRecordsNothing() {
    List<String> ours =
        List.of(
            "java",
            "-Xmx128m",
            "-XX:AOTCacheOutput=a.cache",
            "-cp",
            "x",
            "Wherry",
            "train",
            "agent");
    assertThat(TrainingMaster.master(ours, Path.of("/d")))
        .containsExactly("java", "-Xmx128m", "-cp", "x", "Wherry", "master", "--data-dir", "/d");
  }
}
