package dev.wherry.master.registry.kinds;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The signals that may end a container, by operating system (core/v1: Lifecycle.stopSignal). */
final class StopSignals {
  /** How far the real-time signals are counted from the least and from the greatest one. */
  private static final int ABOVE_LEAST = 15;

  private static final int BELOW_GREATEST = 14;

  static final List<String> OF_WINDOWS = List.of("SIGKILL", "SIGTERM");

  static final List<String> OF_LINUX =
      Stream.of(
              Stream.of(
                  "SIGABRT",
                  "SIGALRM",
                  "SIGBUS",
                  "SIGCHLD",
                  "SIGCLD",
                  "SIGCONT",
                  "SIGFPE",
                  "SIGHUP",
                  "SIGILL",
                  "SIGINT",
                  "SIGIO",
                  "SIGIOT",
                  "SIGKILL",
                  "SIGPIPE",
                  "SIGPOLL",
                  "SIGPROF",
                  "SIGPWR",
                  "SIGQUIT",
                  "SIGSEGV",
                  "SIGSTKFLT",
                  "SIGSTOP",
                  "SIGSYS",
                  "SIGTERM",
                  "SIGTRAP",
                  "SIGTSTP",
                  "SIGTTIN",
                  "SIGTTOU",
                  "SIGURG",
                  "SIGUSR1",
                  "SIGUSR2",
                  "SIGVTALRM",
                  "SIGWINCH",
                  "SIGXCPU",
                  "SIGXFSZ",
                  "SIGRTMIN",
                  "SIGRTMAX"),
              IntStream.rangeClosed(1, ABOVE_LEAST).mapToObj(n -> "SIGRTMIN+" + n),
              IntStream.rangeClosed(1, BELOW_GREATEST).mapToObj(n -> "SIGRTMAX-" + n))
          .flatMap(signals -> signals)
          .sorted()
          .toList();

  private StopSignals() {}
}
