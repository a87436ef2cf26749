package dev.wherry.agent.runtime.docker;

import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.runtime.EngineException.Cause;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;

/** What Docker says of an archive that it has loaded. Pure. */
final class LoadedImages {
  private static final String LOADED = "Loaded image: ";

  private LoadedImages() {}

  /**
   * The names of the images.
   *
   * @param answer a JSON object in each line
   * @throws EngineException in Docker's words where it could not load them all
   */
  static List<String> of(String answer) throws EngineException {
    List<String> names = new ArrayList<>();
    for (String line : answer.lines().toList()) {
      Obj progress = progress(line);
      if (progress.has("error")) {
        throw new EngineException(Cause.REFUSED, progress.string("error"));
      }
      String said = progress.string("stream").strip();
      if (said.startsWith(LOADED)) {
        names.add(said.substring(LOADED.length()));
      }
    }
    return names;
  }

  private static Obj progress(String line) throws EngineException {
    try {
      return Json.read(line);
    } catch (MalformedTreeException e) {
      throw new EngineException(Cause.REFUSED, "no answer to a load: " + line, e);
    }
  }
}
