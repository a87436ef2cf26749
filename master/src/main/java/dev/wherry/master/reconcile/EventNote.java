package dev.wherry.master.reconcile;

import dev.wherry.api.tree.Obj;

/** Something worth telling about an object. {@code reason} is a word such as {@code Scheduled}. */
public record EventNote(Obj about, Type type, String reason, String message) {
  /** How bad it is. */
  public enum Type {
    NORMAL("Normal"),
    WARNING("Warning");

    private final String text;

    Type(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }

  public static EventNote normal(Obj about, String reason, String message) {
    return new EventNote(about, Type.NORMAL, reason, message);
  }

  public static EventNote warning(Obj about, String reason, String message) {
    return new EventNote(about, Type.WARNING, reason, message);
  }
}
