package dev.wherry.master.http;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Null;
import dev.wherry.api.tree.Obj;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.representer.StandardRepresenter;

/**
 * YAML 1.2 to trees and back. JSON is YAML, and what calls itself YAML is mostly JSON: it is read
 * as such without the YAML library being loaded. Stateless.
 */
public final class Yaml {
  /** Aliases multiply what a small body unfolds to. */
  private static final int MAX_ALIASES = 50;

  private static final DumpSettings BLOCKS =
      DumpSettings.builder()
          .setDefaultFlowStyle(FlowStyle.BLOCK)
          .setSplitLines(false)
          .setDumpComments(false)
          .build();

  /** What YAML 1.1, which many clients read, takes for another value than a text. */
  private static final Pattern AMBIGUOUS =
      Pattern.compile(
          "(?i)|~|null|true|false|y|n|yes|no|on|off|[-+.]?[0-9].*|[-+]?\\.(inf|nan).*|[<=].*");

  private Yaml() {}

  /**
   * Reads one object.
   *
   * @param duplicatePaths told of members that come twice, the last of which counts
   * @throws MalformedTreeException when the bytes are no object
   */
  public static Obj read(byte[] yaml, Consumer<String> duplicatePaths) {
    if (looksLikeJson(yaml)) {
      return Json.read(yaml, duplicatePaths);
    }
    return parsed(new String(yaml, StandardCharsets.UTF_8), duplicatePaths);
  }

  private static boolean looksLikeJson(byte[] text) {
    for (byte each : text) {
      if (each > ' ') {
        return each == '{';
      }
    }
    return false;
  }

  private static Obj parsed(String yaml, Consumer<String> duplicatePaths) {
    LoadSettings settings =
        LoadSettings.builder()
            .setMaxAliasesForCollections(MAX_ALIASES)
            .setAllowRecursiveKeys(false)
            .setAllowDuplicateKeys(true)
            .setCodePointLimit(RequestHandler.MAX_BODY_BYTES)
            .build();
    try {
      if (Obj.valueOf(new Load(settings).loadFromString(yaml)) instanceof Obj object) {
        new Compose(settings)
            .composeString(yaml)
            .ifPresent(root -> duplicates("", root, duplicatePaths));
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

  private static void duplicates(String path, Node node, Consumer<String> told) {
    if (node instanceof SequenceNode list) {
      for (int i = 0; i < list.getValue().size(); i++) {
        duplicates(path + "[" + i + "]", list.getValue().get(i), told);
      }
    } else if (node instanceof MappingNode map) {
      Set<String> seen = new HashSet<>();
      for (NodeTuple each : map.getValue()) {
        if (each.getKeyNode() instanceof ScalarNode key) {
          String member = path.isEmpty() ? key.getValue() : path + "." + key.getValue();
          if (!seen.add(key.getValue())) {
            told.accept(member);
          }
          duplicates(member, each.getValueNode(), told);
        }
      }
    }
  }

  /** The object in blocks, its members sorted, as Kubernetes writes it. */
  static byte[] write(Obj object) {
    return new Dump(BLOCKS, new Texts())
        .dumpToString(plain(object))
        .getBytes(StandardCharsets.UTF_8);
  }

  private static @Nullable Object plain(Object value) {
    return switch (value) {
      case Obj object -> {
        Map<String, @Nullable Object> members = new TreeMap<>();
        object.forEach(each -> members.put(each.key(), plain(each.value())));
        yield members;
      }
      case List<?> list -> {
        List<@Nullable Object> items = new ArrayList<>(list.size());
        list.forEach(each -> items.add(plain(each)));
        yield items;
      }
      case Null _ -> null;
      default -> value;
    };
  }

  /** Texts in quotes where they look like something else, in lines where they have some. */
  private static final class Texts extends StandardRepresenter {
    Texts() {
      super(BLOCKS);
      representers.put(
          String.class,
          value -> representScalar(Tag.STR, value.toString(), style(value.toString())));
    }

    private static ScalarStyle style(String text) {
      if (AMBIGUOUS.matcher(text).matches()) {
        return ScalarStyle.DOUBLE_QUOTED;
      }
      return text.contains("\n") ? ScalarStyle.LITERAL : ScalarStyle.PLAIN;
    }
  }
}
