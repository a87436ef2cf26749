package dev.wherry.agent.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.runtime.FakeRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How an image is had, and in which words it is not. */
class ImagesTest {
  private static final String HERE = "docker.io/library/here:1";

  private final List<String> told = new ArrayList<>();
  private final Images images = new Images(new FakeRuntime(HERE), 1);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "away:1  | Never        | ErrImageNeverPull | never"
            + " | Container image \"away:1\" is not present with pull policy of Never",
        "away:1  | IfNotPresent | ErrImagePull      | failed"
            + " | no registry has docker.io/library/away:1",
        "here:1  | Always       | ErrImagePull      | failed"
            + " | no registry has docker.io/library/here:1",
        "here::1 | IfNotPresent | InvalidImageName  | inspect"
            + " | Failed to apply default image tag \"here::1\":"
            + " couldn't parse image name \"here::1\": invalid reference format"
      })
  void saysWhyAnImageIsNotHad(
      String image, String policy, String reason, String how, String message) {
    assertThatThrownBy(() -> images.ensure(image, policy, List.of(), new Recorded()))
        .isInstanceOfSatisfying(
            Images.ImageException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessage(message);
    assertThat(told).last().isEqualTo(how + " " + message);
  }

  @Test
  void takesAnImageThatIsHere() throws Exception {
    images.ensure("here:1", "IfNotPresent", List.of(), new Recorded());
    images.ensure("here:1", "Never", List.of(), new Recorded());
    assertThat(told).containsExactly("present here:1", "present here:1");
  }

  private final class Recorded implements Images.Progress {
    @Override
    public void pulling(String image) {
      told.add("pulling " + image);
    }

    @Override
    public void pulled(String image, Duration took, Duration withWaiting, long sizeBytes) {
      told.add("pulled " + image);
    }

    @Override
    public void present(String image) {
      told.add("present " + image);
    }

    @Override
    public void failed(String image, String message) {
      told.add("failed " + message);
    }

    @Override
    public void neverPulled(String message) {
      told.add("never " + message);
    }

    @Override
    public void inspectFailed(String message) {
      told.add("inspect " + message);
    }

    @Override
    public boolean isWanted() {
      return true;
    }
  }
}
