package dev.wherry.api.tree;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;

/** Writes trees to a jackson-core stream. */
final class TreeWriter {
  private TreeWriter() {}

  static void write(Object value, JsonGenerator out) throws IOException {
    switch (value) {
      case Obj o -> {
        out.writeStartObject();
        for (int i = 0; i < o.size(); i++) {
          out.writeFieldName(o.keyAt(i));
          write(o.valueAt(i), out);
        }
        out.writeEndObject();
      }
      case List<?> list -> {
        out.writeStartArray();
        for (Object item : list) {
          write(item, out);
        }
        out.writeEndArray();
      }
      case String s -> out.writeString(s);
      case Long l -> out.writeNumber(l);
      case Double d -> writeDouble(d, out);
      case Boolean b -> out.writeBoolean(b);
      case Null _ -> out.writeNull();
      default -> throw new IllegalArgumentException("no JSON value: " + value.getClass().getName());
    }
  }

  private static void writeDouble(double value, JsonGenerator out) throws IOException {
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      out.writeNumber((long) value);
    } else {
      out.writeNumber(value);
    }
  }
}
