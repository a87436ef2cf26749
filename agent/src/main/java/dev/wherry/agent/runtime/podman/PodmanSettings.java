package dev.wherry.agent.runtime.podman;

import dev.wherry.agent.runtime.RegistrySettings;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The files that a Podman of our own is set by: {@code containers.conf}, {@code registries.conf},
 * credentials, certificates of registries. Used by one thread at a time.
 */
record PodmanSettings(PodmanPlace place, HostAbilities host, RegistrySettings registries) {

  /** Writes the settings; whether any of them changed. */
  boolean write() throws IOException, InterruptedException {
    Files.createDirectories(place.directory().resolve("tmp"));
    Files.createDirectories(place.run().resolve("tmp"));
    openStore();
    Optional<Path> conmon = ConmonScript.write(place.directory().resolve("conmon"));
    boolean changed =
        write(
            place.directory().resolve("containers.conf"),
            PodmanConfig.containersConf(host, conmon));
    changed |= write(place.directory().resolve("registries.conf"), RegistriesConf.conf(registries));
    changed |= writePrivately(place.authFile(), RegistriesConf.auths(registries));
    changed |= linkRegistryFiles();
    return changed;
  }

  /** Lets users of a container's own through to its files; what lies there is not shown. */
  private void openStore() throws IOException {
    Path store = place.store();
    for (Path each : List.of(store, store.resolve("overlay"))) {
      Files.createDirectories(each);
      Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwx--x--x"));
    }
  }

  private static boolean writePrivately(Path file, String text) throws IOException {
    if (!Files.exists(file)) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    if (Files.readString(file).equals(text)) {
      return false;
    }
    Files.writeString(file, text);
    return true;
  }

  /** Links to the credentials, which are in memory, and to the files that the settings name. */
  private boolean linkRegistryFiles() throws IOException {
    Path containers = place.home().resolve(".config").resolve("containers");
    Path all = Files.createDirectories(containers.resolve("certs.d"));
    boolean changed = link(containers.resolve("auth.json"), place.authFile());
    for (RegistrySettings.Host each : registries.hosts()) {
      Path ofHost = Files.createDirectories(all.resolve(each.name()));
      for (Map.Entry<String, String> file : RegistriesConf.certificates(each).entrySet()) {
        changed |= link(ofHost.resolve(file.getKey()), Path.of(file.getValue()).toAbsolutePath());
      }
    }
    return changed;
  }

  private static boolean link(Path link, Path target) throws IOException {
    if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(target)) {
      return false;
    }
    Files.deleteIfExists(link);
    Files.createSymbolicLink(link, target);
    return true;
  }

  private static boolean write(Path file, String text) throws IOException {
    if (Files.exists(file) && Files.readString(file).equals(text)) {
      return false;
    }
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(fresh, text);
    try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    try {
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException _) {
      Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
    }
    return true;
  }
}
