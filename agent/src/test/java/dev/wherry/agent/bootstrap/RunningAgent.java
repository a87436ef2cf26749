package dev.wherry.agent.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.Await;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** An agent's process and what it said ({@link AgentProcess}). */
final class RunningAgent {
  final Process process;
  private final BufferedWriter in;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final List<String> seen = new ArrayList<>();

  RunningAgent(Process process) {
    this.process = process;
    this.in = process.outputWriter(StandardCharsets.UTF_8);
    Thread.startVirtualThread(
        () -> process.inputReader(StandardCharsets.UTF_8).lines().forEach(lines::add));
  }

  void send(String line) throws IOException {
    in.write(line);
    in.newLine();
    in.flush();
  }

  String await(String what, Predicate<String> wanted) throws InterruptedException {
    long deadline = System.nanoTime() + Await.LONGEST.toNanos();
    while (true) {
      String line = lines.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (line == null) {
        throw new AssertionError("waited in vain for " + what + " in " + seen);
      }
      seen.add(line);
      if (wanted.test(line)) {
        return line;
      }
    }
  }

  Obj awaitStatus(String uid, Predicate<Obj> wanted) throws InterruptedException {
    String prefix = "status " + uid + " ";
    String line =
        await(
            "status",
            each ->
                each.startsWith(prefix) && wanted.test(Json.read(each.substring(prefix.length()))));
    return Json.read(line.substring(prefix.length()));
  }

  /** As {@link #awaitStatus}, for one that may have come while something else was awaited. */
  Obj sawOrAwaitsStatus(String uid, Predicate<Obj> wanted) throws InterruptedException {
    Optional<Obj> seenOne = statuses(uid).stream().filter(wanted).findFirst();
    return seenOne.isPresent() ? seenOne.get() : awaitStatus(uid, wanted);
  }

  List<Obj> statuses(String uid) {
    String prefix = "status " + uid + " ";
    return seen.stream()
        .filter(each -> each.startsWith(prefix))
        .map(each -> Json.read(each.substring(prefix.length())))
        .toList();
  }

  void end() throws Exception {
    in.close();
    assertThat(process.waitFor(Await.LONGEST.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }
}
