package dev.wherry.agent.linux;

import java.io.IOException;

/** The kernel refused; the message says what was asked, the error by its name, and what it adds. */
public final class LinuxException extends IOException {
  private static final long serialVersionUID = 1L;
  private final int errno;

  /**
   * @param what was asked
   * @param errno a positive number of errno(3)
   * @param more the kernel's own words; empty where it has none
   */
  public LinuxException(String what, int errno, String more) {
    super(what + ": " + Errno.name(errno) + (more.isEmpty() ? "" : " (" + more + ")"));
    this.errno = errno;
  }

  public LinuxException(String what, int errno) {
    this(what, errno, "");
  }

  public int errno() {
    return errno;
  }
}
