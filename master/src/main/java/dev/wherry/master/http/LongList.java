package dev.wherry.master.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * A list in JSON, written item by item while it is sent.
 *
 * @param about the list's other members
 */
record LongList(Obj about, List<Obj> items, EncodedObjects encoded) implements Answer.Streamed {
  private static final byte[] ITEMS = ",\"items\":[".getBytes(UTF_8);
  private static final byte[] END = "]}".getBytes(UTF_8);

  static LongList of(Obj list, EncodedObjects encoded) {
    return new LongList(list.without("items"), list.objs("items"), encoded);
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    byte[] opening = Json.write(about);
    out.write(opening, 0, opening.length - 1);
    out.write(ITEMS);
    boolean first = true;
    for (Obj item : items) {
      if (!first) {
        out.write(',');
      }
      first = false;
      out.write(encoded.json(item));
    }
    out.write(END);
  }
}
