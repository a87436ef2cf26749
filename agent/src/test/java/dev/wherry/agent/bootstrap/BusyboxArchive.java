package dev.wherry.agent.bootstrap;

import dev.wherry.agent.host.Command;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** An image archive of a static busybox, as {@code podman save} would write it. */
final class BusyboxArchive {
  private BusyboxArchive() {}

  /**
   * Makes {@code docker.io/wherry/test:1}.
   *
   * @param root where its parts may be made
   */
  static void make(Path root, Path archive) throws IOException, InterruptedException {
    Path tree = Files.createDirectories(root.resolve("tree/bin"));
    Files.copy(Path.of("/bin/busybox"), tree.resolve("busybox"));
    for (String applet : List.of("sh", "mkdir", "hostname", "httpd", "cat")) {
      Files.createSymbolicLink(tree.resolve(applet), Path.of("busybox"));
    }
    Path layer = root.resolve("layer.tar");
    Command.of("tar", "-C", root.resolve("tree").toString(), "-cf", layer.toString(), ".").run();
    String digest = Command.of("sha256sum", layer.toString()).run().split(" ")[0];
    Obj config =
        Obj.of(
            "architecture",
            System.getProperty("os.arch", "").replace("aarch64", "arm64"),
            "os",
            "linux",
            "config",
            Obj.of("Cmd", List.of("/bin/sh")),
            "rootfs",
            Obj.of("type", "layers", "diff_ids", List.of("sha256:" + digest)));
    Files.writeString(root.resolve("config.json"), Json.text(config));
    Obj manifest =
        Obj.of(
            "Config",
            "config.json",
            "RepoTags",
            List.of("docker.io/wherry/test:1"),
            "Layers",
            List.of("layer.tar"));
    Files.writeString(root.resolve("manifest.json"), Json.text(List.of(manifest)));
    Command.of(
            "tar",
            "-C",
            root.toString(),
            "-cf",
            archive.toString(),
            "manifest.json",
            "config.json",
            "layer.tar")
        .run();
  }
}
