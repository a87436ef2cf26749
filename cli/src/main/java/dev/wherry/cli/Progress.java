package dev.wherry.cli;

import java.io.PrintStream;

/**
 * Lines for the person who waits, on the terminal that started us, while the log goes to its file.
 */
record Progress(PrintStream out) {
  void say(String line) {
    out.println(line);
    out.flush();
  }

  void error(String line) {
    say("wherry: " + line);
  }
}
