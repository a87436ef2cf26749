package dev.wherry.master.registry;

import dev.wherry.api.status.Cause;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What is wrong with an object, gathered field by field. Confined to one thread. */
public final class Causes {
  private final List<Cause> list = new ArrayList<>();

  public void add(Cause cause) {
    list.add(cause);
  }

  public void required(String field, String detail) {
    add(Cause.required(field, detail));
  }

  public void invalid(String field, Object value, String detail) {
    add(Cause.invalid(field, value, detail));
  }

  public void invalid(String field, String detail) {
    add(Cause.invalid(field, detail));
  }

  public void forbidden(String field, String detail) {
    add(Cause.forbidden(field, detail));
  }

  public void notSupported(String field, Object value, List<String> supported) {
    add(Cause.notSupported(field, value, supported));
  }

  /** Complains of a text with more bytes in UTF-8. */
  public void ifTooLong(String field, String text, int mostBytes) {
    if (text.getBytes(StandardCharsets.UTF_8).length > mostBytes) {
      add(Cause.tooLong(field, mostBytes));
    }
  }

  public void ifTooMany(String field, int given, int most) {
    if (given > most) {
      add(Cause.tooMany(field, given, most));
    }
  }

  public void duplicate(String field, Object value) {
    add(Cause.duplicate(field, value));
  }

  public boolean isEmpty() {
    return list.isEmpty();
  }

  public List<Cause> list() {
    return List.copyOf(list);
  }
}
