package dev.wherry.agent.runtime.podman;

import dev.wherry.api.tree.Obj;
import java.util.List;
import java.util.OptionalInt;

/**
 * The signal that has a container end. Names are those of v1.Signal, numbers those of Linux
 * (signal(7), x86 and ARM).
 *
 * @param word its name or its number, as Podman takes it
 * @param number empty: only Podman understands the word
 */
record StopSignal(String word, OptionalInt number) {
  private static final List<String> BY_NUMBER =
      List.of(
          "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV",
          "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU",
          "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS");

  /** The C library keeps the first two real-time signals for itself. */
  private static final int FIRST_REAL_TIME = 34;

  private static final int LAST_REAL_TIME = 64;

  private static final int SIGTERM = 15;

  /** As libpod's inspect has it: a number in Podman 4, 0 for none, a name in Podman 5. */
  static StopSignal of(Obj config) {
    Object said = config.get("StopSignal").orElse(0L);
    if (said.equals(0L) || said.equals("")) {
      return new StopSignal("SIGTERM", OptionalInt.of(SIGTERM));
    }
    String word = said.toString();
    return new StopSignal(
        word, said instanceof Long number ? OptionalInt.of(number.intValue()) : number(word));
  }

  /** Empty for no name, and for one that is none. */
  static OptionalInt number(String name) {
    if (!name.startsWith("SIG")) {
      return OptionalInt.empty();
    }
    String word = name.substring(3);
    if (word.startsWith("RTMIN")) {
      return offset(word, FIRST_REAL_TIME);
    }
    if (word.startsWith("RTMAX")) {
      return offset(word, LAST_REAL_TIME);
    }
    String known =
        switch (word) {
          case "IOT" -> "ABRT";
          case "CLD" -> "CHLD";
          case "POLL" -> "IO";
          default -> word;
        };
    int number = BY_NUMBER.indexOf(known);
    return number > 0 ? OptionalInt.of(number) : OptionalInt.empty();
  }

  private static OptionalInt offset(String word, int from) {
    String rest = word.substring(5);
    try {
      int number = from + (rest.isEmpty() ? 0 : Integer.parseInt(rest));
      return number >= FIRST_REAL_TIME && number <= LAST_REAL_TIME
          ? OptionalInt.of(number)
          : OptionalInt.empty();
    } catch (NumberFormatException _) {
      return OptionalInt.empty();
    }
  }
}
