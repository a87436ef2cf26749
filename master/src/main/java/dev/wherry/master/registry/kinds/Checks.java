package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.NameRule;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Checks that several kinds have, in Kubernetes' words. Pure. */
final class Checks {
  static final String IMMUTABLE = "field is immutable";
  static final String NOT_NEGATIVE = "must be greater than or equal to 0";
  private static final int MAX_PORT = 65535;
  private static final int MAX_PORT_NAME = 15;
  private static final Pattern PORT_NAME = Pattern.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])*");
  private static final Pattern PERCENT = Pattern.compile("[0-9]+%");

  private Checks() {}

  static void notNegative(Obj object, String key, String path, Causes causes) {
    long number = object.number(key, 0);
    if (number < 0) {
      causes.invalid(path + "." + key, number, NOT_NEGATIVE);
    }
  }

  static void positive(Obj object, String key, String path, Causes causes) {
    if (object.has(key) && object.number(key, 0) <= 0) {
      causes.invalid(path + "." + key, object.number(key, 0), "must be greater than 0");
    }
  }

  /** A member that must be one of these. */
  static void oneOf(Obj object, String key, String path, List<String> supported, Causes causes) {
    String value = object.string(key);
    if (value.isEmpty()) {
      causes.required(path + "." + key, "");
    } else if (!supported.contains(value)) {
      causes.notSupported(path + "." + key, value, supported);
    }
  }

  static void port(long number, String path, Causes causes) {
    if (number < 1 || number > MAX_PORT) {
      causes.invalid(path, number, "must be between 1 and " + MAX_PORT + ", inclusive");
    }
  }

  /** A port by its number or by the name of a container's port. */
  static void portOrName(Object port, String path, Causes causes) {
    switch (port) {
      case Long number -> port(number, path, causes);
      case String name -> portName(name, path, causes);
      default -> causes.invalid(path, port, "must be a number or a name");
    }
  }

  /** The name of a container's port (IANA service name). */
  static void portName(String name, String path, Causes causes) {
    if (name.length() > MAX_PORT_NAME) {
      causes.invalid(path, name, "must be no more than " + MAX_PORT_NAME + " characters");
    }
    if (!PORT_NAME.matcher(name).matches()) {
      causes.invalid(
          path, name, "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
    } else if (name.contains("--")) {
      causes.invalid(path, name, "must not contain consecutive hyphens");
    } else if (name.chars().noneMatch(c -> c >= 'a' && c <= 'z')) {
      causes.invalid(path, name, "must contain at least one letter (a-z)");
    }
  }

  static void name(NameRule rule, String name, String path, Causes causes) {
    if (name.isEmpty()) {
      causes.required(path, "");
    } else {
      rule.complaint(name).ifPresent(complaint -> causes.invalid(path, name, complaint));
    }
  }

  static void immutable(Obj updated, Obj existing, String key, String path, Causes causes) {
    if (!updated.get(key).equals(existing.get(key))) {
      causes.invalid(path, updated.get(key).orElse(""), IMMUTABLE);
    }
  }

  /** The amount, when it is one and not negative. */
  static Optional<Quantity> quantity(Object value, String path, Causes causes) {
    if (!(value instanceof String || value instanceof Long || value instanceof Double)) {
      causes.invalid(path, value, Quantity.SYNTAX_MESSAGE);
      return Optional.empty();
    }
    try {
      Quantity quantity = Quantity.of(value);
      if (quantity.isNegative()) {
        causes.invalid(path, value, NOT_NEGATIVE);
        return Optional.empty();
      }
      return Optional.of(quantity);
    } catch (IllegalArgumentException _) {
      causes.invalid(path, value, Quantity.SYNTAX_MESSAGE);
      return Optional.empty();
    }
  }

  static boolean isZero(Object countOrPercent) {
    return countOrPercent.equals(0L) || countOrPercent.equals("0%");
  }

  /** A count, or a percentage as text. */
  static void countOrPercent(Object value, String path, Causes causes) {
    switch (value) {
      case Long number -> {
        if (number < 0) {
          causes.invalid(path, number, NOT_NEGATIVE);
        }
      }
      case String text -> {
        if (!PERCENT.matcher(text).matches()) {
          causes.invalid(
              path,
              text,
              "a valid percent string must be a numeric string followed by an ending '%' (e.g."
                  + " '1%',  or '93%', regex used for validation is '[0-9]+%')");
        }
      }
      default -> causes.invalid(path, value, "must be an integer or percentage (e.g '5%')");
    }
  }
}
