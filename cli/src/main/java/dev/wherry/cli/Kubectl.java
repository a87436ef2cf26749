package dev.wherry.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs the machine's {@code kubectl} against a cluster. */
record Kubectl(Path kubeconfig) {

  /** Runs it with our own standard streams; {@code input} is what it reads. */
  void run(String input, String... arguments) throws IOException, InterruptedException {
    Process process = start(ProcessBuilder.Redirect.INHERIT, arguments);
    try (OutputStream stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(StandardCharsets.UTF_8));
    }
    check(process.waitFor(), arguments);
  }

  /** Runs it and returns what it prints. */
  String ask(String... arguments) throws IOException, InterruptedException {
    Process process = start(ProcessBuilder.Redirect.PIPE, arguments);
    process.getOutputStream().close();
    String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    check(process.waitFor(), arguments);
    return answer;
  }

  private Process start(ProcessBuilder.Redirect output, String... arguments) {
    List<String> command =
        new ArrayList<>(List.of("kubectl", "--kubeconfig", kubeconfig.toString()));
    command.addAll(List.of(arguments));
    try {
      return new ProcessBuilder(command)
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .redirectOutput(output)
          .start();
    } catch (IOException e) {
      throw new UserError("cannot run kubectl: " + e.getMessage() + "; 'wherry up' installs it", e);
    }
  }

  private static void check(int code, String... arguments) {
    if (code != 0) {
      throw new UserError("kubectl " + arguments[0] + " failed with exit code " + code);
    }
  }
}
