package dev.wherry.agent.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the node's name servers over UDP, without waiting, and hands answers to whoever asked. One
 * that does not answer in time, or is not there, is followed by the next; when all have been asked
 * the client hears what was true before, or "server failure" where that is not known; an old answer
 * is also given at once where the first server asked is silent. Each question leaves from a port of
 * its own that the kernel chooses at random, with a random id: who would forge an answer has to
 * guess both (RFC 5452). Confined to the server's thread.
 */
final class Forwarder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Forwarder.class);

  /** Questions under way, each with a socket; past it new ones fail at once. */
  static final int MAX_PENDING = 1_024;

  static final Duration PATIENCE = Duration.ofMillis(1_500);
  static final int MAX_ATTEMPTS = 3;

  /** A client that has its answer already: what comes is only remembered. */
  private static final Replies ANSWERED = _ -> {};

  /** Without a question under way there is no such moment. */
  private static final Duration IDLE = Duration.ofMinutes(1);

  /** Where answers go. */
  interface Replies {
    void reply(byte[] response);
  }

  /** A question under way. */
  private record Pending(
      Replies client,
      byte[] query,
      DnsQuestion question,
      int id,
      InetSocketAddress server,
      DatagramChannel channel,
      int attempt,
      long deadlineNanos) {}

  private final Selector selector;
  private final Upstreams upstreams;
  private final SecureRandom random = new SecureRandom();

  /** In the order in which they were asked, which is that of their deadlines. */
  private final Set<SelectionKey> pending = new LinkedHashSet<>();

  /** Who waits for what is under way: at most as many as there are questions pending. */
  private final Map<ByteBuffer, Together> together = new HashMap<>();

  private int first;
  private final AnswerCache cache;

  Forwarder(Selector selector, Upstreams upstreams, AnswerCache cache) {
    this.selector = selector;
    this.upstreams = upstreams;
    this.cache = cache;
  }

  void forward(byte[] query, DnsQuestion question, Replies client) {
    byte[] asked = question.forwarded(query);
    Optional<byte[]> cached = cache.find(asked, question, question.udpBytes(), System.nanoTime());
    if (cached.isPresent()) {
      client.reply(cached.get());
      return;
    }
    ByteBuffer same = Together.key(asked, question);
    Together underWay = together.get(same);
    if (underWay == null) {
      underWay = new Together(() -> together.remove(same));
      underWay.join(asked, question, client);
      together.put(same, underWay);
      ask(asked, question, underWay, 0);
    } else if (!underWay.join(asked, question, client)) {
      client.reply(DnsAnswer.renderFailure(asked, question));
    }
  }

  private void ask(byte[] query, DnsQuestion question, Replies client, int attempt) {
    List<InetSocketAddress> servers = upstreams.serversOf(question.name());
    if (servers.isEmpty() || attempt >= MAX_ATTEMPTS || pending.size() >= MAX_PENDING) {
      client.reply(old(query, question).orElseGet(() -> DnsAnswer.renderFailure(query, question)));
      return;
    }
    InetSocketAddress server = servers.get((first + attempt) % servers.size());
    try {
      send(query, question, client, attempt, server);
    } catch (IOException e) {
      LOG.debug("{} is out of reach: {}", server, e.getMessage());
      passOver(server, question);
      ask(query, question, client, attempt + 1);
    }
  }

  /** What was true before, when nobody says anything newer. */
  private Optional<byte[]> old(byte[] query, DnsQuestion question) {
    long now = System.nanoTime();
    cache.rest(query, question, now);
    return cache.findStale(query, question, question.udpBytes(), now);
  }

  private void send(
      byte[] query, DnsQuestion question, Replies client, int attempt, InetSocketAddress server)
      throws IOException {
    int id = random.nextInt(1 << 16);
    byte[] asked = query.clone();
    asked[0] = (byte) (id >>> 8);
    asked[1] = (byte) id;
    DatagramChannel channel = DatagramChannel.open();
    try {
      channel.configureBlocking(false);
      channel.connect(server); // nobody else is heard on this port
      channel.write(ByteBuffer.wrap(asked));
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      Pending under = new Pending(client, query, question, id, server, channel, attempt, deadline);
      pending.add(channel.register(selector, SelectionKey.OP_READ, under));
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Takes what has arrived for a question under way; other keys are none of its. */
  void receive(SelectionKey key, ByteBuffer buffer) throws IOException {
    if (!pending.contains(key) || !(key.attachment() instanceof Pending asked)) {
      return;
    }
    buffer.clear();
    try {
      if (asked.channel().read(buffer) <= 0) {
        return;
      }
    } catch (IOException e) {
      LOG.debug("{} does not listen: {}", asked.server(), e.getMessage());
      end(key, asked);
      passOver(asked.server(), asked.question());
      askNext(asked);
      return;
    }
    byte[] response = new byte[buffer.flip().remaining()];
    buffer.get(response);
    if (!asked.question().isAnsweredBy(response, asked.id())) {
      return; // not what was asked
    }
    end(key, asked);
    boolean cannot = DnsAnswer.isFailure(response);
    int servers = upstreams.serversOf(asked.question().name()).size();
    if (cannot && asked.attempt() + 1 < Math.min(MAX_ATTEMPTS, servers)) {
      askNext(asked);
      return;
    }
    System.arraycopy(asked.query(), 0, response, 0, 2);
    if (cannot) {
      asked.client().reply(old(asked.query(), asked.question()).orElse(response));
      return;
    }
    cache.put(asked.query(), asked.question(), response, System.nanoTime());
    asked.client().reply(response);
  }

  private void end(SelectionKey key, Pending asked) throws IOException {
    pending.remove(key);
    key.cancel();
    asked.channel().close();
  }

  private void askNext(Pending asked) {
    ask(asked.query(), asked.question(), asked.client(), asked.attempt() + 1);
  }

  /** Goes on with what was not answered in time; how long until the next such moment. */
  Duration expire() throws IOException {
    if (pending.isEmpty()) {
      return IDLE;
    }
    long now = System.nanoTime();
    List<SelectionKey> late = new ArrayList<>();
    for (SelectionKey key : pending) {
      long left = ((Pending) key.attachment()).deadlineNanos() - now;
      if (left > 0) {
        if (late.isEmpty()) {
          return Duration.ofNanos(left);
        }
        break;
      }
      late.add(key);
    }
    for (SelectionKey key : late) {
      Pending asked = (Pending) key.attachment();
      end(key, asked);
      passOver(asked.server(), asked.question());
      ask(asked.query(), asked.question(), meanwhile(asked), asked.attempt() + 1);
    }
    return pending.isEmpty() ? IDLE : Duration.ZERO;
  }

  /** Who has waited is given an old answer, while a newer one is still sought for the next. */
  private Replies meanwhile(Pending asked) {
    Optional<byte[]> stale =
        cache.findStale(
            asked.query(), asked.question(), asked.question().udpBytes(), System.nanoTime());
    stale.ifPresent(asked.client()::reply);
    return stale.isPresent() ? ANSWERED : asked.client();
  }

  /** A server that is silent is asked last from now on: others need not wait for it as well. */
  private void passOver(InetSocketAddress silent, DnsQuestion question) {
    List<InetSocketAddress> servers = upstreams.serversOf(question.name());
    if (!servers.isEmpty() && servers.get(first % servers.size()).equals(silent)) {
      first = (first + 1) % servers.size();
    }
  }

  @Override
  public void close() throws IOException {
    for (SelectionKey key : List.copyOf(pending)) {
      end(key, (Pending) key.attachment());
    }
  }
}
