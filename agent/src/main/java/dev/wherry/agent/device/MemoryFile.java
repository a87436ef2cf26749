package dev.wherry.agent.device;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file that remembers who has which devices, whole or not at all. */
public record MemoryFile(Path path) {
  private static final Logger LOG = LoggerFactory.getLogger(MemoryFile.class);

  public void write(Obj all) throws IOException {
    Path fresh = path.resolveSibling(path.getFileName() + ".new");
    Files.write(fresh, Json.write(all));
    Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
  }

  /** What was written last; empty where nothing was, or nothing that can be read. */
  public Obj read() throws IOException {
    if (!Files.exists(path)) {
      return Obj.EMPTY;
    }
    try {
      return Json.read(Files.readAllBytes(path));
    } catch (MalformedTreeException e) {
      LOG.warn("{} does not say who has which device: {}", path, e.getMessage());
      return Obj.EMPTY;
    }
  }
}
