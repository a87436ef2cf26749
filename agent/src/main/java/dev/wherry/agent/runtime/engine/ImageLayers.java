package dev.wherry.agent.runtime.engine;

import dev.wherry.agent.runtime.EngineException;
import dev.wherry.api.tree.Obj;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where an engine's overlay storage has the layers of an image, by what it says of it. Pure. */
public final class ImageLayers {
  private ImageLayers() {}

  /** Of the answer to {@code GET /images/NAME/json}; the topmost first. */
  public static List<Path> of(Obj image) throws EngineException {
    Obj driver = image.obj("GraphDriver");
    String top = driver.obj("Data").string("UpperDir");
    if (!driver.string("Name").startsWith("overlay") || top.isEmpty()) {
      throw new EngineException(
          EngineException.Cause.REFUSED,
          "files of images can be read of the storage driver overlay, not of \""
              + driver.string("Name")
              + "\"");
    }
    List<Path> layers = new ArrayList<>();
    layers.add(Path.of(top));
    String lower = driver.obj("Data").string("LowerDir");
    if (!lower.isEmpty()) {
      for (String each : lower.split(":")) {
        layers.add(Path.of(each));
      }
    }
    return layers;
  }
}
