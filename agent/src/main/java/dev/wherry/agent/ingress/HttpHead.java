package dev.wherry.agent.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;

/**
 * The head of an HTTP/1 message: where in an array its lines and their values are. Nothing is
 * copied, and nothing that two readers could understand differently is read (RFC 9112, 2.2 and 5):
 * lines end with CR LF alone, a name ends at its colon, a line that begins with a space, and
 * control characters, are refused. Made once and read into again and again; confined to one thread.
 */
final class HttpHead {
  /** Header fields of one message. */
  static final int MAX_FIELDS = 128;

  private static final boolean[] TOKEN = new boolean[256];

  static {
    for (char c = '0'; c <= 'z'; c++) {
      TOKEN[c] = Character.isLetterOrDigit(c);
    }
    for (char c : "!#$%&'*+-.^_`|~".toCharArray()) {
      TOKEN[c] = true;
    }
  }

  /** What {@link #read} found. */
  enum Reading {
    /** More bytes are needed. */
    INCOMPLETE,
    WHOLE,
    MALFORMED
  }

  private final Field[] fields = new Field[MAX_FIELDS];
  private final int[] starts = new int[MAX_FIELDS + 1];
  private final int[] colons = new int[MAX_FIELDS];
  private final int[] valueStarts = new int[MAX_FIELDS];
  private final int[] valueEnds = new int[MAX_FIELDS];
  private final int[] positions = new int[Field.values().length];
  private byte[] bytes = new byte[0];
  private int lineEnd;
  private int end;
  private int count;
  private long seen;
  private long repeated;

  /** Reads what stands from the array's begin on. */
  Reading read(byte[] from, int length) {
    bytes = from;
    count = 0;
    seen = 0;
    repeated = 0;
    int at = endOfLine(0, length);
    lineEnd = at;
    while (at >= 0 && count <= MAX_FIELDS) {
      at += 2;
      starts[count] = at;
      if (at < length && bytes[at] == '\r') {
        return endOfHead(at, length);
      }
      if (count == MAX_FIELDS) {
        return Reading.MALFORMED;
      }
      at = field(at, length);
    }
    return at == MORE ? Reading.INCOMPLETE : Reading.MALFORMED;
  }

  private static final int MORE = -1;
  private static final int BAD = -2;

  private Reading endOfHead(int at, int length) {
    if (at + 1 >= length) {
      return Reading.INCOMPLETE;
    }
    end = at + 2;
    return bytes[at + 1] == '\n' ? Reading.WHOLE : Reading.MALFORMED;
  }

  /** One field from its name on; where its line ends. */
  private int field(int from, int length) {
    int at = from;
    while (at < length && TOKEN[bytes[at] & 0xff]) {
      at++;
    }
    if (at == length) {
      return MORE;
    }
    if (bytes[at] != ':' || at == from) {
      return BAD;
    }
    int colon = at++;
    while (at < length && (bytes[at] == ' ' || bytes[at] == '\t')) {
      at++;
    }
    int last = endOfLine(at, length);
    if (last < 0) {
      return last;
    }
    colons[count] = colon;
    valueStarts[count] = at;
    int valueEnd = last;
    while (valueEnd > at && (bytes[valueEnd - 1] == ' ' || bytes[valueEnd - 1] == '\t')) {
      valueEnd--;
    }
    valueEnds[count] = valueEnd;
    note(Field.of(bytes, from, colon));
    return last;
  }

  private void note(Field field) {
    fields[count] = field;
    positions[field.ordinal()] = count++;
    repeated |= seen & field.bit();
    seen |= field.bit();
  }

  /** The CR of a line without other control characters. */
  private int endOfLine(int from, int length) {
    byte[] in = bytes;
    for (int at = from; at < length; at++) {
      byte each = in[at];
      if (each < 0x20 && each >= 0 && each != '\t' || each == 0x7f) {
        if (each != '\r') {
          return BAD;
        }
        return at + 1 == length ? MORE : in[at + 1] == '\n' ? at : BAD;
      }
    }
    return MORE;
  }

  /** The bytes that were read; the head is those before {@link #end}. */
  byte[] bytes() {
    return bytes;
  }

  /** Behind the empty line. */
  int end() {
    return end;
  }

  /** Behind the first line, without its CR LF. */
  int lineEnd() {
    return lineEnd;
  }

  int count() {
    return count;
  }

  Field field(int index) {
    return fields[index];
  }

  /** Where the line of a field begins; that of the number of fields: the empty line. */
  int start(int index) {
    return starts[index];
  }

  /** A field's name. */
  String name(int index) {
    return text(starts[index], colons[index]);
  }

  /** A field's value, without spaces around it. */
  String value(int index) {
    return text(valueStarts[index], valueEnds[index]);
  }

  /** Whether any of these fields, a set of bits, is there. */
  boolean hasAny(long set) {
    return (seen & set) != 0;
  }

  boolean has(Field field) {
    return (seen & field.bit()) != 0;
  }

  /** Whether any of these fields is there more than once. */
  boolean repeatsAny(long set) {
    return (repeated & set) != 0;
  }

  /** Where the only field of its name stands. */
  int index(Field field) {
    return positions[field.ordinal()];
  }

  int valueStart(int index) {
    return valueStarts[index];
  }

  int valueEnd(int index) {
    return valueEnds[index];
  }

  /** Whether the only field of its name has this value, of small letters, in whatever case. */
  boolean is(Field field, String value) {
    int index = index(field);
    int from = valueStarts[index];
    if (valueEnds[index] - from != value.length()) {
      return false;
    }
    for (int i = 0; i < value.length(); i++) {
      byte each = bytes[from + i];
      if ((each >= 'A' && each <= 'Z' ? each + 32 : each) != value.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** The value of the only Content-Length; -1: it is no number of up to 18 digits. */
  long contentLength() {
    int index = index(Field.CONTENT_LENGTH);
    int length = valueEnds[index] - valueStarts[index];
    if (length == 0 || length > 18) {
      return -1;
    }
    long number = 0;
    for (int i = valueStarts[index]; i < valueEnds[index]; i++) {
      if (bytes[i] < '0' || bytes[i] > '9') {
        return -1;
      }
      number = number * 10 + bytes[i] - '0';
    }
    return number;
  }

  /** Whether these bytes stand there. */
  boolean hasAt(int from, byte[] text) {
    return from >= 0
        && from + text.length <= end
        && Arrays.equals(bytes, from, from + text.length, text, 0, text.length);
  }

  String text(int from, int to) {
    return new String(bytes, from, to - from, ISO_8859_1);
  }
}
