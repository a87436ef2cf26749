package dev.wherry.agent.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What is asked of the kernel by system calls. They act on the calling thread and block it, so that
 * what waits or changes namespaces belongs on a platform thread. Stateless.
 */
public final class Linux {
  public static final int CLONE_NEWUTS = 0x0400_0000;
  public static final int CLONE_NEWIPC = 0x0800_0000;
  public static final int CLONE_NEWNET = 0x4000_0000;

  private static final int AF_NETLINK = 16;
  private static final int AF_PACKET = 17;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_RAW = 3;
  private static final int SOCK_CLOEXEC = 02000000;
  private static final int NETLINK_ROUTE = 0;
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVTIMEO = 20;
  private static final int SOL_NETLINK = 270;
  private static final int NETLINK_CAP_ACK = 10;
  private static final int NETLINK_EXT_ACK = 11;
  private static final int SOCKET_ADDRESS_BYTES = 12;

  private static final String ARCHITECTURE = System.getProperty("os.arch");

  static final int AT_FDCWD = -100;
  static final int O_NONBLOCK = 04000;

  /** Not the same number everywhere (asm/fcntl.h). */
  static final int O_NOFOLLOW = ARCHITECTURE.equals("aarch64") ? 0100000 : 0400000;

  static final int O_CLOEXEC = 02000000;
  static final int O_PATH = 010000000;

  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int MS_BIND = 4096;
  private static final int MNT_DETACH = 2;

  private Linux() {}

  /** What {@link #obstacle} said when it was asked first. */
  private static final class Possible {
    static final boolean ANSWER = obstacle().isEmpty();

    private Possible() {}
  }

  /** Whether system calls can be made from here: else there may be another way. */
  public static boolean isPossible() {
    return Possible.ANSWER;
  }

  /** Why system calls cannot be made from here; empty: they can. */
  public static Optional<String> obstacle() {
    try {
      close(open(Path.of("/proc/self/ns/net")));
      return Optional.empty();
    } catch (IOException | UnsupportedOperationException | IllegalCallerException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    } catch (ExceptionInInitializerError | NoClassDefFoundError e) {
      return Optional.of(String.valueOf(e.getCause()));
    }
  }

  /**
   * Opens a file for reading; {@link #close} is the caller's.
   *
   * @return the descriptor
   */
  public static int open(Path file) throws IOException {
    return open(file, 0);
  }

  /**
   * @param flags {@code O_...} beside {@link #O_CLOEXEC}
   */
  static int open(Path file, int flags) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      return (int)
          Kernel.call(
              arena,
              "open " + file,
              SystemCall.OPENAT,
              AT_FDCWD,
              text(arena, file),
              O_CLOEXEC | flags);
    }
  }

  /** A second descriptor of the same file; {@link #close} is the caller's. */
  static int duplicate(int descriptor) throws IOException {
    return (int) call("duplicate a descriptor", SystemCall.FCNTL, descriptor, F_DUPFD_CLOEXEC, 0);
  }

  public static void close(int descriptor) throws IOException {
    call("close", SystemCall.CLOSE, descriptor);
  }

  /** Moves the calling thread to new namespaces of these kinds ({@code CLONE_NEW...}). */
  public static void unshare(int kinds) throws IOException {
    call("unshare", SystemCall.UNSHARE, kinds);
  }

  /** Moves the calling thread to a namespace that is of this kind. */
  public static void enter(Path namespace, int kind) throws IOException {
    int descriptor = open(namespace);
    try {
      call("enter " + namespace, SystemCall.SETNS, descriptor, kind);
    } finally {
      close(descriptor);
    }
  }

  /** Names the host in the calling thread's UTS namespace; 64 bytes at most. */
  public static void nameHost(String name) throws IOException {
    if (name.indexOf('\0') >= 0) {
      throw new LinuxException("sethostname " + name.replace('\0', '?'), Errno.EINVAL);
    }
    try (Arena arena = Arena.ofConfined()) {
      byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
      MemorySegment segment = arena.allocateFrom(JAVA_BYTE, bytes);
      Kernel.call(
          arena, "sethostname " + name, SystemCall.SETHOSTNAME, segment.address(), bytes.length);
    }
  }

  /** Mounts a file, or a directory without what is mounted below it, a second time. */
  public static void bind(Path source, Path target) throws IOException {
    mount(source.toString(), target, "none", MS_BIND, "");
  }

  /** Mounts a file system (mount(2)). */
  public static void mount(String source, Path target, String type, long flags, String options)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      Kernel.call(
          arena,
          "mount " + source + " on " + target,
          SystemCall.MOUNT,
          text(arena, source),
          text(arena, target),
          text(arena, type),
          flags,
          text(arena, options));
    }
  }

  public static void unmount(Path target) throws IOException {
    unmount(target, 0);
  }

  /** Takes a mount out of sight; what still uses it goes on. */
  public static void detach(Path target) throws IOException {
    unmount(target, MNT_DETACH);
  }

  private static void unmount(Path target, int how) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      Kernel.call(arena, "umount " + target, SystemCall.UMOUNT2, text(arena, target), how);
    }
  }

  /**
   * A socket to the kernel's routing (rtnetlink(7)) of the calling thread's network namespace, in
   * which it stays. It tells errors in words and gives up waiting after a while.
   *
   * @return the descriptor
   */
  public static int routingSocket(Duration patience) throws IOException {
    int socket =
        (int)
            call(
                "netlink socket",
                SystemCall.SOCKET,
                AF_NETLINK,
                SOCK_RAW | SOCK_CLOEXEC,
                NETLINK_ROUTE);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment own = arena.allocate(SOCKET_ADDRESS_BYTES);
      own.asByteBuffer().order(ByteOrder.nativeOrder()).putShort((short) AF_NETLINK);
      Kernel.call(arena, "bind netlink", SystemCall.BIND, socket, own.address(), own.byteSize());
      byte[] on = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(1).array();
      option(arena, socket, SOL_NETLINK, NETLINK_EXT_ACK, on);
      option(arena, socket, SOL_NETLINK, NETLINK_CAP_ACK, on);
      byte[] time =
          ByteBuffer.allocate(16)
              .order(ByteOrder.nativeOrder())
              .putLong(patience.toSeconds())
              .putLong(patience.toNanosPart() / 1000)
              .array();
      option(arena, socket, SOL_SOCKET, SO_RCVTIMEO, time);
      return socket;
    } catch (IOException e) {
      close(socket);
      throw e;
    }
  }

  private static void option(Arena arena, int socket, int level, int name, byte[] value)
      throws IOException {
    Kernel.call(
        arena,
        "setsockopt " + level + "/" + name,
        SystemCall.SETSOCKOPT,
        socket,
        level,
        name,
        arena.allocateFrom(JAVA_BYTE, value).address(),
        value.length);
  }

  public static void send(int socket, byte[] message) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocateFrom(JAVA_BYTE, message);
      Kernel.call(arena, "send", SystemCall.SENDTO, socket, segment.address(), message.length);
    }
  }

  /**
   * Sends one packet below IP, which the kernel puts the link's header before (packet(7)).
   *
   * @param protocol such as {@code 0x0806} for ARP
   * @param to a {@code struct sockaddr_ll}
   */
  public static void sendPacket(int protocol, byte[] message, byte[] to) throws IOException {
    int swapped = Short.toUnsignedInt(Short.reverseBytes((short) protocol));
    int socket =
        (int)
            call("packet socket", SystemCall.SOCKET, AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, swapped);
    try (Arena arena = Arena.ofConfined()) {
      long data = arena.allocateFrom(JAVA_BYTE, message).address();
      long target = arena.allocateFrom(JAVA_BYTE, to).address();
      Kernel.call(
          arena,
          "send packet",
          SystemCall.SENDTO,
          socket,
          data,
          message.length,
          0,
          target,
          to.length);
    } finally {
      close(socket);
    }
  }

  /**
   * Waits for a datagram; what is past the buffer's {@code most} bytes is lost.
   *
   * @throws LinuxException EAGAIN when the socket's patience has ended
   */
  public static ByteBuffer receive(int socket, int most) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(most);
      long length =
          Kernel.call(arena, "receive", SystemCall.RECVFROM, socket, segment.address(), most);
      byte[] bytes = segment.asSlice(0, length).toArray(JAVA_BYTE);
      return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }
  }

  static long text(Arena arena, Object text) {
    return arena.allocateFrom(text.toString()).address();
  }

  private static long call(String what, SystemCall call, long... arguments) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      return Kernel.call(arena, what, call, arguments);
    }
  }
}
