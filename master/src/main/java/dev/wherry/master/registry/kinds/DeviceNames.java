package dev.wherry.master.registry.kinds;

import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Json;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.NameRule;
import java.util.regex.Pattern;

/** Names of devices, of where they come from and of what is said of them. Pure. */
final class DeviceNames {
  private static final int MAX_POOL = 253;
  private static final int MAX_IDENTIFIER = 32;
  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private DeviceNames() {}

  static void driver(String name, String path, Causes causes) {
    if (name.isEmpty()) {
      causes.required(path, "");
    } else {
      VolumeSourceChecks.driverName(name, path, causes);
    }
  }

  static void pool(String name, String path, Causes causes) {
    if (name.isEmpty()) {
      causes.required(path, "");
      return;
    }
    causes.ifTooLong(path, name, MAX_POOL);
    for (String part : name.split("/", -1)) {
      NameRule.DNS_SUBDOMAIN
          .complaint(part)
          .ifPresent(complaint -> causes.invalid(path, part, complaint));
    }
  }

  static void device(String name, String path, Causes causes) {
    Checks.name(NameRule.DNS_LABEL, name, path, causes);
  }

  /** An attribute's or a capacity's name, whose domain may be left to the driver. */
  static void qualified(String name, String path, Causes causes) {
    String[] parts = name.split("/", -1);
    if (name.isEmpty()) {
      causes.required(path, "name required");
    } else if (parts.length == 1) {
      identifier(name, path, causes);
    } else if (parts.length == 2) {
      if (parts[0].isEmpty()) {
        causes.required(path, "the domain must not be empty");
      } else {
        VolumeSourceChecks.driverName(parts[0], path, causes);
      }
      if (parts[1].isEmpty()) {
        causes.required(path, "the name must not be empty");
      } else {
        identifier(parts[1], path, causes);
      }
    } else {
      causes.invalid(path, name, "must have at most one '/'");
    }
  }

  /** One with its domain. */
  static void fullyQualified(String name, String path, Causes causes) {
    qualified(name, path, causes);
    if (!name.isEmpty() && !name.contains("/")) {
      causes.invalid(
          path, name, "a fully qualified name must be a domain and a name separated by a slash");
    }
  }

  private static void identifier(String name, String path, Causes causes) {
    causes.ifTooLong(path, name, MAX_IDENTIFIER);
    if (!IDENTIFIER.matcher(name).matches()) {
      causes.add(
          new Cause(
              "FieldValueTypeInvalid",
              path,
              "Invalid value: "
                  + Json.text(name)
                  + ": a valid C identifier must start with alphabetic character or '_', followed"
                  + " by a string of alphanumeric characters or '_' (e.g. 'my_name',  or"
                  + " 'MY_NAME',  or 'MyName', regex used for validation is"
                  + " '[A-Za-z_][A-Za-z0-9_]*')"));
    }
  }
}
