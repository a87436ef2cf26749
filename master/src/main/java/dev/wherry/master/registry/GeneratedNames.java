package dev.wherry.master.registry;

import java.util.concurrent.ThreadLocalRandom;

/** Names from {@code metadata.generateName}: five letters and digits that spell no word. */
public final class GeneratedNames {
  private static final String LETTERS = "bcdfghjklmnpqrstvwxz2456789";
  private static final int SUFFIX = 5;
  private static final int MAX_LENGTH = 63;

  private GeneratedNames() {}

  public static String from(String base) {
    StringBuilder name =
        new StringBuilder(base.substring(0, Math.min(base.length(), MAX_LENGTH - SUFFIX)));
    for (int i = 0; i < SUFFIX; i++) {
      name.append(LETTERS.charAt(ThreadLocalRandom.current().nextInt(LETTERS.length())));
    }
    return name.toString();
  }
}
