package dev.wherry.master.http;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * YAML 1.2 to trees. JSON is YAML, and what calls itself YAML is mostly JSON: it is read as such
 * without the YAML library being loaded. Stateless.
 */
final class Yaml {
  /** Aliases multiply what a small body unfolds to. */
  private static final int MAX_ALIASES = 50;

  private Yaml() {}

  /**
   * Reads one object.
   *
   * @param duplicatePaths told of members that come twice, in JSON; in YAML they are an error
   * @throws MalformedTreeException when the bytes are no object
   */
  static Obj read(byte[] yaml, Consumer<String> duplicatePaths) {
    if (looksLikeJson(yaml)) {
      return Json.read(yaml, duplicatePaths);
    }
    return parsed(new String(yaml, StandardCharsets.UTF_8));
  }

  private static boolean looksLikeJson(byte[] text) {
    for (byte each : text) {
      if (each > ' ') {
        return each == '{';
      }
    }
    return false;
  }

  private static Obj parsed(String yaml) {
    LoadSettings settings =
        LoadSettings.builder()
            .setMaxAliasesForCollections(MAX_ALIASES)
            .setAllowRecursiveKeys(false)
            .setCodePointLimit(RequestHandler.MAX_BODY_BYTES)
            .build();
    try {
      if (Obj.valueOf(new Load(settings).loadFromString(yaml)) instanceof Obj object) {
        return object;
      }
    } catch (YamlEngineException | IllegalArgumentException | ClassCastException e) {
      throw new MalformedTreeException("the YAML cannot be read: " + e.getMessage());
    } catch (StackOverflowError e) {
      // The library counts no levels; the stack is this request's own.
      throw new MalformedTreeException("the YAML is nested too deeply");
    }
    throw new MalformedTreeException("the YAML value is no object");
  }
}
