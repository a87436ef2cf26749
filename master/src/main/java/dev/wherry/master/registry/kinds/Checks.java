package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.NameRule;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;

/** Checks that several kinds have, in Kubernetes' words. Pure. */
final class Checks {
  static final String IMMUTABLE = "field is immutable";
  static final String NOT_NEGATIVE = "must be greater than or equal to 0";
  private static final long MAX_MODE = 0777;
  private static final int MAX_PORT = 65535;
  private static final int MAX_PORT_NAME = 15;
  private static final Pattern PORT_NAME = Pattern.compile("[-a-z0-9]+");
  private static final Pattern PERCENT = Pattern.compile("[0-9]+%");
  private static final Pattern NOT_ZERO = Pattern.compile("[0-9]*[1-9][0-9]*%?");

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

  /** Checks each item at its path, such as {@code spec.containers[0]}. */
  static void each(List<Obj> items, String path, BiConsumer<Obj, String> check) {
    for (int i = 0; i < items.size(); i++) {
      check.accept(items.get(i), path + "[" + i + "]");
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
      causes.invalid(path, name, "must be no more than " + MAX_PORT_NAME + " bytes");
    }
    if (!PORT_NAME.matcher(name).matches()) {
      causes.invalid(
          path, name, "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
    }
    if (name.chars().noneMatch(c -> c >= 'a' && c <= 'z')) {
      causes.invalid(path, name, "must contain at least one letter (a-z)");
    }
    if (name.contains("--")) {
      causes.invalid(path, name, "must not contain consecutive hyphens");
    }
    if (name.startsWith("-") || name.endsWith("-")) {
      causes.invalid(path, name, "must not begin or end with a hyphen");
    }
  }

  static void name(NameRule rule, String name, String path, Causes causes) {
    if (name.isEmpty()) {
      causes.required(path, "");
    } else {
      rule.complaint(name).ifPresent(complaint -> causes.invalid(path, name, complaint));
    }
  }

  /** A member that, where it is given, must be one of these. */
  static void oneOfIfAny(
      Obj object, String key, String path, List<String> supported, Causes causes) {
    if (object.has(key)) {
      oneOf(object, key, path, supported, causes);
    }
  }

  /** Members that must be there and not be empty. */
  static void required(Obj object, String path, Causes causes, String... keys) {
    for (String key : keys) {
      Object value = object.get(key).orElse("");
      if (value.equals("") || value.equals(List.of())) {
        causes.required(path + "." + key, "");
      }
    }
  }

  static void withinRange(
      Obj object, String key, String path, long least, long most, Causes causes) {
    long number = object.number(key, least);
    if (number < least || number > most) {
      causes.invalid(
          path + "." + key, number, "must be between " + least + " and " + most + ", inclusive");
    }
  }

  static boolean hasBacksteps(String file) {
    return List.of(file.split("/", -1)).contains("..");
  }

  static void noBacksteps(String file, String path, Causes causes) {
    if (hasBacksteps(file)) {
      causes.invalid(path, file, "must not contain '..'");
    }
  }

  /** A path below a directory. */
  static void relative(String file, String path, Causes causes) {
    if (file.startsWith("/")) {
      causes.invalid(path, file, "must be a relative path");
    }
    noBacksteps(file, path, causes);
  }

  /** A path below a volume whose own files begin with two dots. */
  static void inVolume(String file, String path, Causes causes) {
    relative(file, path, causes);
    if (file.startsWith("..") && !file.startsWith("../") && !file.equals("..")) {
      causes.invalid(path, file, "must not start with '..'");
    }
  }

  static void mode(Obj object, String key, String path, Causes causes) {
    long mode = object.number(key, 0);
    if (mode < 0 || mode > MAX_MODE) {
      causes.invalid(
          path + "." + key, mode, "must be a number between 0 and 0777 (octal), both inclusive");
    }
  }

  static void address(String text, String path, Causes causes) {
    if (!Cidrs.isAddress(text)) {
      causes.invalid(path, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
    }
  }

  /**
   * The check of an endpoint's address, by the object that has it: an {@linkplain #ordinaryAddress
   * ordinary} one, but for the API's own, which on a machine without a network has none.
   */
  static AddressCheck endpointAddress(Obj object) {
    ObjectKey key = ObjectKey.of(object);
    return key.equals(new ObjectKey("default", "kubernetes"))
        ? Checks::address
        : Checks::ordinaryAddress;
  }

  /** Complains of an address at a path. */
  @FunctionalInterface
  interface AddressCheck {
    void check(String address, String path, Causes causes);
  }

  /** An address that other machines can have, too. */
  static void ordinaryAddress(String text, String path, Causes causes) {
    address(text, path, causes);
    String complaint = "";
    if (text.equals("0.0.0.0") || text.equals("::")) {
      complaint = "may not be unspecified (" + text + ")";
    } else if (text.startsWith("127.") || text.equals("::1")) {
      complaint = "may not be in the loopback range (127.0.0.0/8, ::1/128)";
    } else if (text.startsWith("169.254.")
        || text.toLowerCase(Locale.ROOT).matches("fe[89ab].:.*")) {
      complaint = "may not be in the link-local range (169.254.0.0/16, fe80::/10)";
    } else if (text.startsWith("224.0.0.") || text.toLowerCase(Locale.ROOT).startsWith("ff02:")) {
      complaint = "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)";
    }
    if (!complaint.isEmpty()) {
      causes.invalid(path, text, complaint);
    }
  }

  /** A count or percentage of at the most all. */
  static void notMoreThanAll(Object countOrPercent, String path, Causes causes) {
    if (countOrPercent instanceof String text
        && text.matches("[0-9]{1,9}%")
        && Integer.parseInt(text.substring(0, text.length() - 1)) > 100) {
      causes.invalid(path, text, "must not be greater than 100%");
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

  /** Whether the count or percentage is nothing; a text that is neither counts as nothing. */
  static boolean isZero(Object countOrPercent) {
    return countOrPercent.equals(0L)
        || countOrPercent instanceof String text && !NOT_ZERO.matcher(text).matches();
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
