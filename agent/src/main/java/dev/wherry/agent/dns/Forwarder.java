package dev.wherry.agent.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Asks the node's name servers over UDP, without waiting, and hands answers to whoever asked. One
 * that does not answer in time is followed by the next; when all have been asked the client hears
 * "server failure". Confined to the server's thread.
 */
final class Forwarder implements AutoCloseable {
  /** Questions under way; past it new ones fail at once. */
  static final int MAX_PENDING = 1_024;

  static final Duration PATIENCE = Duration.ofMillis(1_500);
  static final int MAX_ATTEMPTS = 3;
  private static final int RCODE_REFUSED = 5;

  /** Where answers go. */
  interface Replies {
    void reply(byte[] response);
  }

  private record Pending(
      Replies client,
      byte[] query,
      DnsQuestion question,
      InetSocketAddress server,
      int attempt,
      long deadlineNanos) {}

  private final DatagramChannel channel;
  private final Upstreams upstreams;
  private final SecureRandom random = new SecureRandom();
  private final Map<Integer, Pending> pending = new HashMap<>();
  private int first;
  private final AnswerCache cache = new AnswerCache();

  Forwarder(Selector selector, Upstreams upstreams) throws IOException {
    this.upstreams = upstreams;
    this.channel = DatagramChannel.open();
    channel.bind(null);
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ, this);
  }

  void forward(byte[] query, DnsQuestion question, Replies client) {
    cache
        .find(query, question, System.nanoTime())
        .ifPresentOrElse(cached -> client.reply(cached), () -> ask(query, question, client, 0));
  }

  private void ask(byte[] query, DnsQuestion question, Replies client, int attempt) {
    List<InetSocketAddress> servers = upstreams.servers();
    if (servers.isEmpty() || attempt >= MAX_ATTEMPTS || pending.size() >= MAX_PENDING) {
      client.reply(DnsAnswer.renderFailure(query, question));
      return;
    }
    int id = random.nextInt(1 << 16);
    while (pending.containsKey(id)) {
      id = random.nextInt(1 << 16);
    }
    InetSocketAddress server = servers.get((first + attempt) % servers.size());
    byte[] asked = query.clone();
    asked[0] = (byte) (id >>> 8);
    asked[1] = (byte) id;
    pending.put(
        id,
        new Pending(
            client, query, question, server, attempt, System.nanoTime() + PATIENCE.toNanos()));
    try {
      channel.send(ByteBuffer.wrap(asked), server);
    } catch (IOException _) {
      // Out of reach: the deadline leads to the next one.
    }
  }

  /** Takes one answer that has arrived; false when there is none. */
  boolean receive(ByteBuffer buffer) throws IOException {
    buffer.clear();
    SocketAddress from = channel.receive(buffer);
    if (from == null) {
      return false;
    }
    byte[] response = new byte[buffer.flip().remaining()];
    buffer.get(response);
    if (response.length <= DnsQuestion.HEADER_BYTES) {
      return true;
    }
    int id = DnsQuestion.u16(response, 0);
    Pending asked = pending.get(id);
    // Only who was asked may answer, and only what was asked.
    if (asked == null || !asked.server().equals(from) || !answers(response, asked)) {
      return true;
    }
    pending.remove(id);
    int rcode = response[3] & 0x0f;
    boolean cannot = rcode == DnsAnswer.RCODE_SERVER_FAILURE || rcode == RCODE_REFUSED;
    if (cannot && asked.attempt() + 1 < Math.min(MAX_ATTEMPTS, upstreams.servers().size())) {
      ask(asked.query(), asked.question(), asked.client(), asked.attempt() + 1);
      return true;
    }
    System.arraycopy(asked.query(), 0, response, 0, 2);
    cache.put(asked.query(), asked.question(), response, System.nanoTime());
    asked.client().reply(response);
    return true;
  }

  private static boolean answers(byte[] response, Pending asked) {
    byte[] asQuery = response.clone();
    asQuery[2] &= 0x07; // the bits that make it a response
    return DnsQuestion.parse(asQuery, asQuery.length)
        .filter(
            question ->
                question.name().equals(asked.question().name())
                    && question.type() == asked.question().type())
        .isPresent();
  }

  /** Goes on with what was not answered in time; how long until the next such moment. */
  Duration expire() {
    long now = System.nanoTime();
    long next = Long.MAX_VALUE;
    Map<Integer, Pending> late = new HashMap<>();
    for (Iterator<Map.Entry<Integer, Pending>> it = pending.entrySet().iterator(); it.hasNext(); ) {
      Map.Entry<Integer, Pending> entry = it.next();
      long left = entry.getValue().deadlineNanos() - now;
      if (left <= 0) {
        passOver(entry.getValue());
        late.put(entry.getKey(), entry.getValue());
        it.remove();
      } else {
        next = Math.min(next, left);
      }
    }
    late.values()
        .forEach(each -> ask(each.query(), each.question(), each.client(), each.attempt() + 1));
    return late.isEmpty() ? Duration.ofNanos(next) : PATIENCE;
  }

  /** A server that is silent is asked last from now on: others need not wait for it as well. */
  private void passOver(Pending late) {
    List<InetSocketAddress> servers = upstreams.servers();
    if (!servers.isEmpty() && servers.get(first % servers.size()).equals(late.server())) {
      first = (first + 1) % servers.size();
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
