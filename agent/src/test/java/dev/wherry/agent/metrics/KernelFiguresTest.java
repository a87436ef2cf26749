package dev.wherry.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.metrics.CgroupStats.Io;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The kernel's texts as they are read. */
class KernelFiguresTest {

  @Test
  void countsWhatGroupsReadAndWroteOverAllDevices() {
    Io expected = new Io(4096 + 512, 8192, 3, 2);
    assertThat(
            CgroupStats.io(
                """
                8:0 Read 4096
                8:0 Write 8192
                8:0 Sync 0
                8:0 Total 12288
                8:16 Read 512
                Total 12800
                """,
                """
                8:0 Read 2
                8:0 Write 2
                8:16 Read 1
                Total 5
                """))
        .as("version 1")
        .isEqualTo(expected);
    assertThat(
            CgroupStats.devices(
                """
                8:0 rbytes=4096 wbytes=8192 rios=2 wios=2 dbytes=0 dios=0
                8:16 rbytes=512 wbytes=0 rios=1 wios=0 dbytes=0 dios=0
                """))
        .as("version 2")
        .isEqualTo(expected);
  }

  @Test
  void findsTheLayerThatARootIsWrittenTo() {
    assertThat(
            DiskSample.upperLayer(
                """
                10 9 0:50 / / rw,relatime - overlay overlay rw,lowerdir=/a:/b,upperdir=/c/diff,workdir=/c/work
                11 10 0:51 / /v rw - overlay overlay rw,lowerdir=/a,upperdir=/d/diff,workdir=/d/work
                """))
        .contains(Path.of("/c/diff"));
    assertThat(DiskSample.upperLayer("10 9 8:1 / / rw,relatime - ext4 /dev/vda rw")).isEmpty();
    assertThat(DiskSample.upperLayer("")).isEmpty();
  }
}
