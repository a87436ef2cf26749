package dev.wherry.agent.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.image.ImageAccounts;
import dev.wherry.agent.runtime.ContainerRuntime.Image;
import dev.wherry.api.tree.Json;
import dev.wherry.api.view.PodView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An image's user app (1000) is of group 1500 and in team (50000) and crew (600). */
class ContainerUserTest {
  private static final String PASSWD = "root:x:0:0:root:/:/bin/sh\nodd\napp:x:1000:1500:::\n";
  private static final String GROUP = "team:x:50000:app\nwheel:x:10:root,op\ncrew:x:600:op,app\n";

  @TempDir Path directory;

  private Path layer(String name, String file, String text) throws IOException {
    Path layer = directory.resolve(name);
    Files.createDirectories(layer.resolve("etc"));
    Files.writeString(layer.resolve("etc").resolve(file), text);
    return layer;
  }

  private ImageAccounts accounts() throws IOException {
    return ImageAccounts.read(
        List.of(
            layer("top", "other", ""),
            layer("middle", "group", GROUP),
            layer("below", "passwd", PASSWD),
            layer("below", "group", "gone:x:7:app\n")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // security context               | image's user | user      | groups
        "                                 |              |           |",
        "                                 | app          |           |",
        "                                 | app:staff    |           | 600 50000",
        "\"runAsUser\":1000               |              | 1000      |",
        "\"runAsUser\":1000               | app:staff    | 1000      |",
        "\"runAsUser\":1000,\"runAsGroup\":3000,\"fsGroup\":2,\"supplementalGroups\":[4,600]"
            + "                           |              | 1000:3000 | 2 4 600 50000",
        "\"runAsUser\":5,\"runAsGroup\":3000 |             | 5:3000    |",
        "\"runAsGroup\":3000              | app          | app:3000  | 600 50000",
        "\"runAsGroup\":3000              |              | 0:3000    | 10",
        "\"supplementalGroupsPolicy\":\"Strict\""
            + "                           |              | 0:0       |",
        "\"supplementalGroupsPolicy\":\"Strict\",\"supplementalGroups\":[4]"
            + "                           | app          | app:1500  | 4",
        "\"supplementalGroupsPolicy\":\"Strict\""
            + "                           | app:staff    | app:staff |",
        "\"supplementalGroupsPolicy\":\"Strict\",\"runAsUser\":1000"
            + "                           | nobody       | 1000:1500 |",
        "\"supplementalGroupsPolicy\":\"Strict\",\"runAsUser\":5,\"runAsGroup\":3000"
            + "                           |              | 5:3000    |",
      })
  void followsThePodThenTheImage(
      @Nullable String context,
      @Nullable String ofImage,
      @Nullable String user,
      @Nullable String groups)
      throws IOException {
    PodView pod =
        new PodView(
            Json.read(
                "{\"spec\":{\"securityContext\":{%s},\"containers\":[{\"name\":\"a\"}]}}"
                    .formatted(text(context))));
    Image image = new Image("sha256:1", List.of(), List.of(), 1, text(ofImage));
    boolean asks = ContainerUser.asksTheImage(pod, pod.containers().getFirst(), image);
    ContainerUser made =
        ContainerUser.of(
            pod,
            pod.containers().getFirst(),
            image,
            asks ? accounts() : ImageAccounts.NONE,
            List.of());
    assertThat(made.words()).isEqualTo(text(user));
    assertThat(String.join(" ", made.groups())).isEqualTo(text(groups));
  }

  @Test
  void isInTheGroupsThatItsVolumesAskFor() {
    PodView pod =
        new PodView(
            Json.read(
                """
                {"spec":{"securityContext":{"fsGroup":2,"supplementalGroups":[4]},
                 "containers":[{"name":"a"}]}}
                """));
    Image image = new Image("sha256:1", List.of(), List.of(), 1, "");
    ContainerUser made =
        ContainerUser.of(
            pod, pod.containers().getFirst(), image, ImageAccounts.NONE, List.of(1234L, 4L));
    assertThat(made.groups()).containsExactly("2", "4", "1234");
  }

  private static String text(@Nullable String cell) {
    return cell == null ? "" : cell;
  }

  @Test
  void followsNoLinksOfAnImage() throws IOException {
    Path secret = Files.writeString(directory.resolve("secret"), PASSWD);
    Path linked = Files.createDirectories(directory.resolve("linked/etc"));
    Files.createSymbolicLink(linked.resolve("passwd"), secret);
    Path below = layer("below", "passwd", PASSWD);
    assertThat(ImageAccounts.read(List.of(linked.getParent(), below)).groupOf("app")).isEmpty();
    Path turned = Files.createDirectories(directory.resolve("turned"));
    Files.createSymbolicLink(turned.resolve("etc"), below.resolve("etc"));
    assertThat(ImageAccounts.read(List.of(turned, below)).groupOf("app")).isEmpty();
    assertThat(ImageAccounts.read(List.of(below)).groupOf("app")).hasValue(1500);
  }
}
