package dev.wherry.agent.runtime.podman;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.runtime.ContainerRuntime.Image;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredImagesTest {
  @TempDir Path directory;
  private Path index;
  private int asked;
  private Optional<Image> present = Optional.of(image("sha256:1"));
  private final StoredImages.Source source =
      _ -> {
        asked++;
        return present;
      };

  private static Image image(String id) {
    return new Image(id, List.of("web:1"), List.of(), 1, "");
  }

  @BeforeEach
  void write() throws Exception {
    index = directory.resolve("images.json");
    Files.writeString(index, "[1]");
  }

  /** As the store does it, with a file of the same size. */
  private void replace(String text) throws Exception {
    Path fresh = Files.writeString(directory.resolve("fresh"), text);
    Files.move(fresh, index, StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  void asksOnceWhileTheStoreIsTheSame() throws Exception {
    StoredImages images = StoredImages.listedIn(index);
    assertThat(images.find("web:1", source)).contains(image("sha256:1"));
    assertThat(images.find("web:1", source)).contains(image("sha256:1"));
    assertThat(asked).isEqualTo(1);
    images.find("web:2", source);
    assertThat(asked).as("of another name").isEqualTo(2);
  }

  @Test
  void asksAgainWhenTheStoreHasChanged() throws Exception {
    StoredImages images = StoredImages.listedIn(index);
    images.find("web:1", source);
    present = Optional.of(image("sha256:2"));
    replace("[2]");
    assertThat(images.find("web:1", source)).contains(image("sha256:2"));
    present = Optional.empty();
    replace("[3]");
    assertThat(images.find("web:1", source)).isEmpty();
  }

  @Test
  void asksAgainForWhatWasNotThere() throws Exception {
    StoredImages images = StoredImages.listedIn(index);
    present = Optional.empty();
    assertThat(images.find("web:1", source)).isEmpty();
    present = Optional.of(image("sha256:1"));
    assertThat(images.find("web:1", source)).isPresent();
  }

  @Test
  void asksAgainAfterAnImageWasFoundMissing() throws Exception {
    StoredImages images = StoredImages.listedIn(index);
    images.find("web:1", source);
    images.forget();
    images.find("web:1", source);
    assertThat(asked).isEqualTo(2);
  }

  @Test
  void asksAlwaysWhereTheStoreCannotBeSeen() throws Exception {
    Files.delete(index);
    for (StoredImages images : List.of(StoredImages.listedIn(index), StoredImages.elsewhere())) {
      asked = 0;
      images.find("web:1", source);
      images.find("web:1", source);
      assertThat(asked).isEqualTo(2);
    }
  }

  @Test
  void forgetsTheOldestPastItsBound() throws Exception {
    StoredImages images = StoredImages.listedIn(index);
    images.find("web:1", source);
    for (int i = 0; i < StoredImages.MAX_KNOWN; i++) {
      images.find("other:" + i, source);
    }
    asked = 0;
    images.find("web:1", source);
    assertThat(asked).isEqualTo(1);
  }
}
