package dev.wherry.master.http;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Puts each member and item of the JSON that passes through on a line of its own. States:
 *
 * <pre>
 * between   a quote begins a text; a bracket opens or closes a level; blanks are left out
 * in text   everything passes; a quote that no backslash precedes ends it
 * opened    as between, right behind an opening bracket: what comes decides whether a line begins
 * </pre>
 *
 * Confined to one thread.
 */
final class IndentedJson extends FilterOutputStream {
  private enum State {
    BETWEEN,
    TEXT,
    OPENED
  }

  private State state = State.BETWEEN;
  private boolean escaped;
  private int depth;

  IndentedJson(OutputStream out) {
    super(out);
  }

  @Override
  public void write(int b) throws IOException {
    switch (state) {
      case TEXT -> text(b);
      case BETWEEN, OPENED -> structure(b);
    }
  }

  private void text(int b) throws IOException {
    out.write(b);
    if (b == '"' && !escaped) {
      state = State.BETWEEN;
    }
    escaped = b == '\\' && !escaped;
  }

  private void structure(int b) throws IOException {
    switch (b) {
      case ' ', '\n', '\r', '\t' -> {}
      case '{', '[' -> {
        begin(b, State.OPENED);
        depth++;
      }
      case '}', ']' -> {
        depth--;
        if (state != State.OPENED) {
          line();
        }
        state = State.BETWEEN;
        out.write(b);
      }
      case ',' -> {
        out.write(b);
        line();
      }
      case ':' -> {
        out.write(b);
        out.write(' ');
      }
      case '"' -> begin(b, State.TEXT);
      default -> begin(b, State.BETWEEN);
    }
  }

  /** Begins or goes on with a value or a member's name. */
  private void begin(int b, State next) throws IOException {
    if (state == State.OPENED) {
      line();
    }
    out.write(b);
    state = next;
  }

  private void line() throws IOException {
    out.write('\n');
    for (int i = 0; i < depth; i++) {
      out.write(' ');
      out.write(' ');
    }
  }
}
