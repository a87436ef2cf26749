package dev.wherry.api.tree;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;

/** Writes trees to a jackson-core stream. */
final class TreeWriter {
  private TreeWriter() {}

  /** The usual ones are asked for by class: a switch over patterns costs a call for each value. */
  static void write(Object value, JsonGenerator out) throws IOException {
    if (value instanceof String s) {
      out.writeString(s);
    } else if (value instanceof Obj o) {
      out.writeStartObject();
      for (int i = 0; i < o.size(); i++) {
        out.writeFieldName(o.keyAt(i));
        write(o.valueAt(i), out);
      }
      out.writeEndObject();
    } else if (value instanceof List<?> list) {
      out.writeStartArray();
      for (int i = 0; i < list.size(); i++) {
        write(list.get(i), out);
      }
      out.writeEndArray();
    } else {
      writeScalar(value, out);
    }
  }

  private static void writeScalar(Object value, JsonGenerator out) throws IOException {
    switch (value) {
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
