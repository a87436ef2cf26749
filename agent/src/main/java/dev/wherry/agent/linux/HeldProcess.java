package dev.wherry.agent.linux;

import java.io.IOException;
import java.lang.foreign.Arena;

/**
 * A process that is held by what it is and not by its number, which is another's some time after it
 * has ended (pidfd_open(2), since Linux 5.3). Confined to one thread.
 */
public final class HeldProcess implements AutoCloseable {
  private final int descriptor;

  private HeldProcess(int descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * Holds the process that has this number now.
   *
   * @throws LinuxException {@code ESRCH} when there is none
   */
  public static HeldProcess open(long pid) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      return new HeldProcess(
          (int) Kernel.call(arena, "pidfd_open " + pid, SystemCall.PIDFD_OPEN, pid, 0));
    }
  }

  /**
   * Sends it a signal; one that has ended and waits to be reaped is no error.
   *
   * @param number of signal(7)
   * @throws LinuxException {@code ESRCH} when it has ended
   */
  public void signal(int number) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      Kernel.call(
          arena, "signal " + number, SystemCall.PIDFD_SEND_SIGNAL, descriptor, number, 0, 0);
    }
  }

  @Override
  public void close() throws IOException {
    Linux.close(descriptor);
  }
}
