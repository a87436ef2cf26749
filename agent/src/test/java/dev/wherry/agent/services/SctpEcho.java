package dev.wherry.agent.services;

import dev.wherry.agent.host.Command;
import java.io.IOException;

/** SCTP as programs' arguments: Java's own SCTP needs a library that few machines have. */
final class SctpEcho {
  private static final String SOCKET =
      "import socket, time; s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132)\n";

  private static final String SERVER =
      SOCKET
          + """
          s.bind(("0.0.0.0", %d)); s.listen()
          while True:
            c, _ = s.accept(); c.sendall(b"%s\\n"); c.recv(1); c.close()
          """;

  /** Until the server listens; that the kernel refuses it is no end. */
  private static final String CLIENT =
      """
      import socket, time
      end = time.monotonic() + 15
      while True:
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132); s.settimeout(10)
        try:
          s.connect(("%s", %d)); break
        except ConnectionRefusedError:
          if time.monotonic() > end: raise
          time.sleep(0.05)
      print(s.recv(100).decode(), end="")
      """;

  private SctpEcho() {}

  /** Whether this machine's kernel has SCTP, and there is a Python to open its sockets. */
  static boolean canRun() throws InterruptedException {
    try {
      Command.of("python3", "-c", SOCKET).run();
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  /** Answers each connection with a line, for ever. */
  static String[] server(int port, String answer) {
    return new String[] {"python3", "-c", SERVER.formatted(port, answer)};
  }

  /** Prints what it is answered. */
  static String[] client(String address, int port) {
    return new String[] {"python3", "-c", CLIENT.formatted(address, port)};
  }
}
