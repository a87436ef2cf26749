package dev.wherry.agent.sync;

import dev.wherry.agent.runtime.ContainerSpec.Users;
import dev.wherry.agent.volume.PodDirectories;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which ids of the host are the users of which pod ({@code hostUsers: false}); no two pods share
 * one. A file of the pod's remembers it, and with the pod's files they are free again. Thread-safe.
 */
final class PodUsers {
  /** Above what systemd gives to containers, and below what is negative to somebody. */
  private static final long FIRST = 0x7000_0000L;

  private static final int MAX_PODS = 4000;

  private final PodDirectories directories;

  PodUsers(PodDirectories directories) {
    this.directories = directories;
  }

  /** The pod's, chosen when it is asked for the first time. */
  synchronized Users.Own ensure(PodUid pod) throws IOException {
    Path file = directories.users(pod);
    if (Files.exists(file)) {
      return new Users.Own(read(file));
    }
    Set<Long> taken = taken();
    for (long i = 0; i < MAX_PODS; i++) {
      long first = FIRST + i * Users.Own.COUNT;
      if (!taken.contains(first)) {
        Files.createDirectories(file.getParent());
        Files.writeString(file, Long.toString(first));
        return new Users.Own(first);
      }
    }
    throw new IOException("could not find an empty slot to allocate a user namespace");
  }

  private Set<Long> taken() throws IOException {
    Set<Long> taken = new HashSet<>();
    Path pods = directories.run().resolve("pods");
    if (Files.isDirectory(pods)) {
      try (Stream<Path> all = Files.list(pods)) {
        for (Path each : all.toList()) {
          Path file = directories.users(new PodUid(each.getFileName().toString()));
          if (Files.exists(file)) {
            taken.add(read(file));
          }
        }
      }
    }
    return taken;
  }

  private static long read(Path file) throws IOException {
    return Long.parseLong(Files.readString(file));
  }
}
