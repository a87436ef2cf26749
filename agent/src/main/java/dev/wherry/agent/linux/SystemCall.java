package dev.wherry.agent.linux;

/** Calls by their numbers on x86-64, and on arm64 and riscv64, which share theirs (syscalls(2)). */
enum SystemCall {
  CLOSE(3, 57),
  IOCTL(16, 29),
  SOCKET(41, 198),
  SENDTO(44, 206),
  RECVFROM(45, 207),
  BIND(49, 200),
  SETSOCKOPT(54, 208),
  FCNTL(72, 25),
  STATFS(137, 43),
  MOUNT(165, 40),
  UMOUNT2(166, 39),
  SETHOSTNAME(170, 161),
  OPENAT(257, 56),
  UNSHARE(272, 97),
  RECVMMSG(299, 243),
  SENDMMSG(307, 269),
  SETNS(308, 268),
  STATX(332, 291),
  PIDFD_SEND_SIGNAL(424, 424),
  OPEN_TREE(428, 428),
  MOVE_MOUNT(429, 429),
  PIDFD_OPEN(434, 434),
  OPENAT2(437, 437),
  MOUNT_SETATTR(442, 442),
  QUOTACTL_FD(443, 443);

  private final int amd64;
  private final int others;

  SystemCall(int amd64, int others) {
    this.amd64 = amd64;
    this.others = others;
  }

  /**
   * @param architecture as {@code os.arch} has it
   * @throws UnsupportedOperationException where the numbers are not known
   */
  long number(String architecture) {
    return switch (architecture) {
      case "amd64", "x86_64" -> amd64;
      case "aarch64", "riscv64" -> others;
      default ->
          throw new UnsupportedOperationException(
              "the numbers of system calls are not known for " + architecture);
    };
  }
}
