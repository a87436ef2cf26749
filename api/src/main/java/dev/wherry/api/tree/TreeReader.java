package dev.wherry.api.tree;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads trees from a jackson-core stream, be it JSON or Smile. Nesting ends at {@value #MAX_DEPTH}
 * levels; of a key that comes twice the last value counts and the listener is told its path, as
 * Kubernetes' field validation words it ({@code spec.replicas}). Immutable and thread-safe.
 */
final class TreeReader {
  static final int MAX_DEPTH = 256;
  private static final int MAX_POOLED_LENGTH = 48;

  private final JsonFactory factory;

  TreeReader(JsonFactory factory) {
    this.factory = factory;
  }

  Object read(byte[] bytes, int offset, int length, Consumer<String> duplicatePaths) {
    try (JsonParser parser = factory.createParser(bytes, offset, length)) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        throw new MalformedTreeException("unexpected end of input");
      }
      Object value = value(parser, first, 0, duplicatePaths);
      if (parser.nextToken() != null) {
        throw new MalformedTreeException("data after the end of the value at " + place(parser));
      }
      return value;
    } catch (JsonProcessingException e) {
      JsonLocation place = e.getLocation();
      throw new MalformedTreeException(
          e.getOriginalMessage() + (place == null ? "" : " at " + place.offsetDescription()));
    } catch (IOException e) {
      // The bytes are in memory: what fails is their encoding, such as UTF-8 cut short.
      throw new MalformedTreeException(String.valueOf(e.getMessage()));
    }
  }

  private static Object value(
      JsonParser parser, JsonToken token, int depth, Consumer<String> duplicatePaths)
      throws IOException {
    return switch (token) {
      case START_OBJECT -> object(parser, depth + 1, duplicatePaths);
      case START_ARRAY -> list(parser, depth + 1, duplicatePaths);
      case VALUE_STRING -> {
        String text = parser.getText();
        yield text.length() <= MAX_POOLED_LENGTH ? StringPool.pooled(text) : text;
      }
      case VALUE_NUMBER_INT -> integer(parser);
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> Boolean.TRUE;
      case VALUE_FALSE -> Boolean.FALSE;
      case VALUE_NULL -> Null.NULL;
      case END_ARRAY, END_OBJECT, FIELD_NAME, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
          throw new MalformedTreeException("unexpected " + token + " at " + place(parser));
    };
  }

  private static Object integer(JsonParser parser) throws IOException {
    return switch (parser.getNumberType()) {
      case INT, LONG -> parser.getLongValue();
      default -> parser.getDoubleValue();
    };
  }

  private static Obj object(JsonParser parser, int depth, Consumer<String> duplicatePaths)
      throws IOException {
    checkDepth(parser, depth);
    Obj.Builder builder = new Obj.Builder(4);
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_OBJECT;
        token = parser.nextToken()) {
      if (token == null) {
        throw new MalformedTreeException("unexpected end of input");
      }
      String key = StringPool.pooled(parser.currentName());
      String path = builder.indexOf(key) >= 0 ? path(parser) : "";
      Object value = value(parser, next(parser), depth, duplicatePaths);
      if (path.isEmpty()) {
        builder.append(key, value);
      } else {
        duplicatePaths.accept(path);
        builder.put(key, value);
      }
    }
    return builder.build();
  }

  private static List<Object> list(JsonParser parser, int depth, Consumer<String> duplicatePaths)
      throws IOException {
    checkDepth(parser, depth);
    List<Object> items = new ArrayList<>();
    for (JsonToken token = next(parser); token != JsonToken.END_ARRAY; token = next(parser)) {
      items.add(value(parser, token, depth, duplicatePaths));
    }
    return List.copyOf(items);
  }

  private static JsonToken next(JsonParser parser) throws IOException {
    JsonToken token = parser.nextToken();
    if (token == null) {
      throw new MalformedTreeException("unexpected end of input");
    }
    return token;
  }

  private static void checkDepth(JsonParser parser, int depth) {
    if (depth > MAX_DEPTH) {
      throw new MalformedTreeException(
          "nested deeper than " + MAX_DEPTH + " levels at " + place(parser));
    }
  }

  private static String place(JsonParser parser) {
    return parser.currentLocation().offsetDescription();
  }

  /** The path of the member being read, such as {@code spec.containers[0].name}. */
  private static String path(JsonParser parser) {
    StringBuilder path = new StringBuilder();
    for (JsonStreamContext at = parser.getParsingContext(); at != null; at = at.getParent()) {
      if (at.inObject()) {
        boolean first = path.isEmpty() || path.charAt(0) == '[';
        path.insert(0, first ? at.getCurrentName() : at.getCurrentName() + ".");
      } else if (at.inArray()) {
        boolean first = path.isEmpty() || path.charAt(0) == '[';
        path.insert(0, "[" + at.getCurrentIndex() + (first ? "]" : "]."));
      }
    }
    return path.toString();
  }
}
