package dev.wherry.agent.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.DatagramChannel;
import java.util.Optional;

/**
 * What comes to a UDP socket and what is answered, many datagrams by one system call (recvmmsg(2),
 * sendmmsg(2)): of what a short answer costs, entering the kernel is a good part. Round by round:
 * {@link #receive}, any number of {@link #reply}, {@link #send}. Confined to the thread that opened
 * it.
 *
 * <p>The memory is laid out as kernels of 64 bits read it: a head and a vector for each datagram
 * that comes, the same for each that goes, the senders' addresses, the datagrams. An answer takes
 * the place of its question.
 */
public final class DatagramBatch implements AutoCloseable {
  /** A {@code struct mmsghdr}. */
  private static final int HEAD_BYTES = 64;

  private static final int HEAD_NAME_LENGTH = 8;
  private static final int HEAD_VECTOR = 16;
  private static final int HEAD_VECTORS = 24;
  private static final int HEAD_LENGTH = 56;

  /** A {@code struct iovec}: address and length. */
  private static final int VECTOR_BYTES = 16;

  private static final int VECTOR_LENGTH = 8;

  /** A {@code struct sockaddr_in6}, rounded up. */
  private static final int NAME_BYTES = 32;

  private static final int PORT = 2;
  private static final int IPV4 = 4;
  private static final int IPV6 = 8;
  private static final int AF_INET6 = 10;

  private static final int MSG_DONTWAIT = 0x40;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment state = Kernel.state(arena);
  private final int descriptor;
  private final int most;
  private final int bytes;
  private final long address;

  /** Heads, vectors and addresses. */
  private final ByteBuffer table;

  private final int outgoing;
  private final int names;
  private final ByteBuffer[] datagrams;
  private int received;
  private int toSend;

  private DatagramBatch(int descriptor, int most, int bytes) {
    this.descriptor = descriptor;
    this.most = most;
    this.bytes = bytes;
    this.received = most;
    outgoing = most * (HEAD_BYTES + VECTOR_BYTES);
    names = 2 * outgoing;
    int data = names + most * NAME_BYTES;
    MemorySegment memory = arena.allocate(data + (long) most * bytes, Long.BYTES);
    address = memory.address();
    table = memory.asSlice(0, data).asByteBuffer().order(ByteOrder.nativeOrder());
    datagrams = new ByteBuffer[most];
    for (int i = 0; i < most; i++) {
      datagrams[i] = memory.asSlice(data + (long) i * bytes, bytes).asByteBuffer();
      aim(0, i, i, bytes);
    }
  }

  /**
   * Empty where system calls cannot be made, or the channel's socket cannot be found.
   *
   * @param channel bound to an address of the calling thread's network namespace; it is closed by
   *     its owner, after this
   * @param most datagrams of a round
   * @param bytes of a datagram; of a longer one the rest is lost
   */
  public static Optional<DatagramBatch> of(DatagramChannel channel, int most, int bytes)
      throws IOException {
    boolean possible = ValueLayout.ADDRESS.byteSize() == Long.BYTES && Linux.isPossible();
    Optional<Integer> found = possible ? BoundSocket.descriptor(channel) : Optional.empty();
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(new DatagramBatch(Linux.duplicate(found.get()), most, bytes));
  }

  /** Has a head speak of a datagram. */
  private void aim(int side, int head, int datagram, int length) {
    int vector = side + most * HEAD_BYTES + head * VECTOR_BYTES;
    table.putLong(vector, address + table.capacity() + (long) datagram * bytes);
    table.putLong(vector + VECTOR_LENGTH, length);
    int at = side + head * HEAD_BYTES;
    table.putLong(at, address + name(datagram));
    table.putLong(at + HEAD_VECTOR, address + vector);
    table.putLong(at + HEAD_VECTORS, 1);
  }

  private int name(int datagram) {
    return names + datagram * NAME_BYTES;
  }

  /** Takes what has come, without waiting; how many datagrams, {@code most} at most. */
  public int receive() throws IOException {
    for (int i = 0; i < received; i++) { // the kernel wrote how long the last ones' were
      table.putInt(i * HEAD_BYTES + HEAD_NAME_LENGTH, NAME_BYTES);
    }
    toSend = 0;
    long answer =
        Kernel.answer(state, SystemCall.RECVMMSG, descriptor, address, most, MSG_DONTWAIT);
    if (answer < 0 && answer != -Errno.EAGAIN) {
      throw new LinuxException("receive", (int) -answer);
    }
    received = (int) Math.max(0, answer);
    return received;
  }

  /** A datagram of this round, ready to be read; and where its answer may be written. */
  public ByteBuffer datagram(int i) {
    return datagrams[i].clear().limit(table.getInt(i * HEAD_BYTES + HEAD_LENGTH));
  }

  /** Who sent a datagram of this round. */
  public InetSocketAddress sender(int i) throws IOException {
    int at = name(i);
    boolean ipv6 = table.getShort(at) == AF_INET6;
    byte[] octets = new byte[ipv6 ? 16 : 4];
    table.get(at + (ipv6 ? IPV6 : IPV4), octets);
    int port = (table.get(at + PORT) & 0xff) << 8 | table.get(at + PORT + 1) & 0xff;
    return new InetSocketAddress(InetAddress.getByAddress(octets), port);
  }

  /**
   * Has an answer go to who sent a datagram of this round; once for each.
   *
   * @param i whose buffer holds the answer from 0 up to its limit
   */
  public void reply(int i) {
    int length = datagrams[i].limit();
    aim(outgoing, toSend, i, length);
    table.putInt(
        outgoing + toSend * HEAD_BYTES + HEAD_NAME_LENGTH,
        table.getInt(i * HEAD_BYTES + HEAD_NAME_LENGTH));
    toSend++;
  }

  /** Sends the answers. Those that the kernel does not take are lost, as datagrams may be. */
  public void send() {
    int sent = 0;
    while (sent < toSend) {
      long answer =
          Kernel.answer(
              state,
              SystemCall.SENDMMSG,
              descriptor,
              address + outgoing + (long) sent * HEAD_BYTES,
              toSend - sent,
              MSG_DONTWAIT);
      sent += (int) Math.max(1, answer); // past the one that failed
    }
  }

  @Override
  public void close() throws IOException {
    arena.close();
    Linux.close(descriptor);
  }
}
