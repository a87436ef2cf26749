package dev.wherry.agent.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.volume.VolumePlan.EmptyDir;
import dev.wherry.api.tree.Json;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.Volume.Source;
import org.junit.jupiter.api.Test;

class EmptyDirsTest {
  private static final long MIB = 1 << 20;
  private static final long NODE = 512 * MIB;
  private static final String SMALL_PAGES = "\"hugepages-2Mi\":\"8Mi\"";
  private static final String BOTH_PAGES = SMALL_PAGES + ",\"hugepages-1Gi\":\"1Gi\"";

  @Test
  void liesOnTheDiskUnlessAskedOtherwise() throws Exception {
    assertThat(plan("", "", "")).isEqualTo(new EmptyDir(new EmptyDir.Disk(), 0));
    assertThat(plan("", "8Mi", "")).isEqualTo(new EmptyDir(new EmptyDir.Disk(), 8 * MIB));
  }

  @Test
  void isNoLargerInMemoryThanThePodMayBe() throws Exception {
    assertThat(plan("Memory", "", "")).isEqualTo(new EmptyDir(new EmptyDir.Memory(), NODE));
    assertThat(plan("Memory", "", "\"memory\":\"64Mi\""))
        .isEqualTo(new EmptyDir(new EmptyDir.Memory(), 64 * MIB));
    assertThat(plan("Memory", "8Mi", "\"memory\":\"64Mi\""))
        .isEqualTo(new EmptyDir(new EmptyDir.Memory(), 8 * MIB));
  }

  @Test
  void takesHugePagesOfTheSizeThatThePodRequests() throws Exception {
    EmptyDir small = new EmptyDir(new EmptyDir.HugePages(2 * MIB), 0);
    assertThat(plan("HugePages", "", SMALL_PAGES)).isEqualTo(small);
    assertThat(plan("HugePages-2Mi", "", BOTH_PAGES)).isEqualTo(small);
    assertThat(plan("HugePages-1Gi", "1Gi", BOTH_PAGES))
        .isEqualTo(new EmptyDir(new EmptyDir.HugePages(1024 * MIB), 1024 * MIB));
  }

  @Test
  void saysWhichPagesAreNotRequested() {
    assertThatThrownBy(() -> plan("HugePages", "", "")).hasMessageContaining("requests none");
    assertThatThrownBy(() -> plan("HugePages", "", BOTH_PAGES))
        .hasMessageContaining("requests 1Gi and 2Mi");
    assertThatThrownBy(() -> plan("HugePages-1Gi", "", SMALL_PAGES))
        .hasMessageContaining("no huge pages of size 1Gi");
    assertThatThrownBy(() -> plan("Floppy", "", ""))
        .hasMessage("unknown storage medium \"Floppy\"");
  }

  private static EmptyDir plan(String medium, String sizeLimit, String resources)
      throws VolumeException {
    String pod =
        """
        {"spec":{"containers":[{"name":"a","resources":{"requests":{%s},"limits":{%s}}}]}}
        """
            .formatted(resources, resources);
    return EmptyDirs.plan(
        new Source.EmptyDir(medium, sizeLimit), new PodView(Json.read(pod)), NODE);
  }
}
