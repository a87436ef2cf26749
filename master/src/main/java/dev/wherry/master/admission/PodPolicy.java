package dev.wherry.master.admission;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Pod Security Standard in one of its versions, such as {@code baseline:v1.30}. Immutable.
 *
 * @param version {@code latest} or {@code v1.N}
 */
record PodPolicy(Level level, String version) {
  static final String LATEST = "latest";

  /** Past every control there is; controls that are never there come after it. */
  private static final int LATEST_MINOR = Integer.MAX_VALUE - 1;

  static final PodPolicy PRIVILEGED = new PodPolicy(Level.PRIVILEGED, LATEST);
  private static final Pattern VERSION = Pattern.compile("v1\\.(0|[1-9]\\d{0,5})");

  /** From what allows all to what allows least. */
  enum Level {
    PRIVILEGED,
    BASELINE,
    RESTRICTED;

    static Optional<Level> of(String text) {
      for (Level each : values()) {
        if (each.text().equals(text)) {
          return Optional.of(each);
        }
      }
      return Optional.empty();
    }

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** As messages list them. */
    static List<String> texts() {
      return List.of(PRIVILEGED.text(), BASELINE.text(), RESTRICTED.text());
    }
  }

  static boolean isVersion(String text) {
    return text.equals(LATEST) || VERSION.matcher(text).matches();
  }

  /** The number behind {@code v1.}; past all where it is the latest. */
  int minor() {
    Matcher matcher = VERSION.matcher(version);
    return matcher.matches() ? Integer.parseInt(matcher.group(1)) : LATEST_MINOR;
  }

  @Override
  public String toString() {
    return level.text() + ":" + version;
  }
}
