package dev.wherry.agent.dns;

import dev.wherry.agent.linux.DatagramBatch;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Questions over UDP. Those that were asked before are answered at once, as many as have come with
 * two system calls where the system lets them be made; the others are handed on. Confined to the
 * thread that opened it.
 */
final class UdpQuestions implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(UdpQuestions.class);

  /** Of a question; what is past them is lost. More than the longest answer. */
  static final int MAX_BYTES = 2_048;

  /** Questions that are answered before others, of TCP and other servers', have their turn. */
  static final int BATCH = 32;

  /** Who knows what to answer. */
  interface Unsaid {
    /**
     * @param query not used any more by the caller
     */
    void ask(byte[] query, Forwarder.Replies client);
  }

  private final DatagramChannel channel;
  private final Optional<DatagramBatch> batch;
  private final SaidAnswers said = new SaidAnswers();
  private final byte[] message = new byte[MAX_BYTES];
  private final ByteBuffer single = ByteBuffer.allocateDirect(MAX_BYTES);

  private UdpQuestions(DatagramChannel channel, Optional<DatagramBatch> batch) {
    this.channel = channel;
    this.batch = batch;
  }

  /**
   * @param channel bound, and does not block; its owner closes it
   */
  static UdpQuestions of(DatagramChannel channel) throws IOException {
    return new UdpQuestions(channel, DatagramBatch.of(channel, BATCH, MAX_BYTES));
  }

  /** One datagram for each system call, as where others cannot be made. */
  static UdpQuestions singly(DatagramChannel channel) {
    return new UdpQuestions(channel, Optional.empty());
  }

  /**
   * Takes what has come, {@link #BATCH} at most.
   *
   * @param version the zone's, read before
   */
  void receive(long version, Unsaid unsaid) throws IOException {
    if (batch.isPresent()) {
      receive(batch.get(), version, unsaid);
      return;
    }
    for (int i = 0; i < BATCH; i++) {
      SocketAddress client = channel.receive(single.clear());
      if (client == null) {
        return;
      }
      if (isSaid(single.flip(), version)) {
        send(single, client);
      } else {
        unsaid.ask(query(single), response -> send(ByteBuffer.wrap(response), client));
      }
    }
  }

  private void receive(DatagramBatch all, long version, Unsaid unsaid) throws IOException {
    int count = all.receive();
    for (int i = 0; i < count; i++) {
      ByteBuffer datagram = all.datagram(i);
      if (isSaid(datagram, version)) {
        all.reply(i);
      } else {
        SocketAddress client = all.sender(i);
        unsaid.ask(query(datagram), response -> send(ByteBuffer.wrap(response), client));
      }
    }
    all.send();
  }

  /** Whether the question's buffer holds its answer now. */
  private boolean isSaid(ByteBuffer datagram, long version) {
    int length = datagram.remaining();
    datagram.get(message, 0, length);
    return said.find(message, length, version, datagram);
  }

  /** The question that was looked up last. */
  private byte[] query(ByteBuffer datagram) {
    return Arrays.copyOf(message, datagram.limit());
  }

  /**
   * Keeps an answer, which is true of the version that was told last, for the same question.
   *
   * @param times counts how often it is asked again
   */
  void keep(byte[] query, byte[] response, LongAdder times) {
    said.keep(query, response, times);
  }

  private void send(ByteBuffer response, SocketAddress client) {
    try {
      channel.send(response, client);
    } catch (IOException e) {
      LOG.debug("no answer reaches {}: {}", client, e.getMessage());
    }
  }

  @Override
  public void close() throws IOException {
    if (batch.isPresent()) {
      batch.get().close();
    }
  }
}
