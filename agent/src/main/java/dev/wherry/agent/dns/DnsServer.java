package dev.wherry.agent.dns;

import dev.wherry.agent.dns.DnsCounts.Protocol;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's name server for pods: the cluster's names from what the node knows, everything else
 * from the node's own servers, remembered. One thread serves UDP; each TCP connection, which
 * clients open for long answers alone, has a virtual thread.
 */
public final class DnsServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DnsServer.class);

  /** TCP connections at a time, of all clients and of one address; more are closed. */
  static final int MAX_CONNECTIONS = 128;

  static final int MAX_CONNECTIONS_OF_ONE = 16;

  /** How long to wait for the address, which comes with the node's ranges. */
  private static final Duration BIND_AGAIN = Duration.ofMillis(500);

  private static final int MAX_UDP_RESPONSE_BYTES = 4_096;
  private static final long STACK_BYTES = 256 << 10;

  private final ClusterZone zone;
  private final Supplier<Optional<InetAddress>> address;
  private final Path resolvConf;

  /** Of the thread that serves UDP. */
  private int turn;

  private final DnsCounts counts;
  private final AnswerCache cache;
  private final Thread thread;
  private final Semaphore connections = new Semaphore(MAX_CONNECTIONS);
  private final Map<InetAddress, Integer> connectionsOf = new ConcurrentHashMap<>();
  private final CountDownLatch serving = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Selector selector;

  private DnsServer(
      ClusterZone zone, Supplier<Optional<InetAddress>> address, Path resolvConf, DnsCounts counts)
      throws IOException {
    this.zone = zone;
    this.address = address;
    this.resolvConf = resolvConf;
    this.counts = counts;
    this.cache = new AnswerCache(counts);
    this.selector = Selector.open();
    zone.stubs().whenChanged(cache::clear);
    this.thread = new Thread(null, this::run, "dns", STACK_BYTES);
    this.thread.setDaemon(true);
  }

  /**
   * Serves on port 53 of the address as soon as the node has it.
   *
   * @param resolvConf names the servers for everything that is not the cluster's
   */
  public static DnsServer start(ClusterZone zone, InetAddress address, Path resolvConf)
      throws IOException {
    return start(zone, () -> Optional.of(address), resolvConf, new DnsCounts());
  }

  /**
   * As {@link #start(ClusterZone, InetAddress, Path)}, on an address that may be known later.
   *
   * @param address empty while it is not known
   * @param counts what is answered
   */
  public static DnsServer start(
      ClusterZone zone, Supplier<Optional<InetAddress>> address, Path resolvConf, DnsCounts counts)
      throws IOException {
    DnsServer server = new DnsServer(zone, address, resolvConf, counts);
    server.thread.start();
    return server;
  }

  /** Waits until it answers; false when it does not in time. */
  public boolean awaitServing(Duration timeout) throws InterruptedException {
    return serving.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void run() {
    boolean told = false;
    while (closed.getCount() > 0) {
      Optional<InetAddress> known = address.get();
      try {
        if (known.isPresent()) {
          serve(known.get());
        }
      } catch (BindException e) {
        if (!told) {
          LOG.info("the name server waits for {}: {}", known.get(), e.getMessage());
          told = true;
        }
      } catch (ClosedSelectorException | CancelledKeyException e) {
        LOG.debug("the name server was closed: {}", e.toString());
      } catch (IOException | RuntimeException e) {
        LOG.error("the name server starts again: {}", e.toString());
      }
      try {
        if (closed.await(BIND_AGAIN.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      } catch (InterruptedException _) {
        return;
      }
    }
  }

  private void serve(InetAddress ours) throws IOException {
    InetSocketAddress socketAddress = new InetSocketAddress(ours, Upstreams.DNS_PORT);
    ProtocolFamily family =
        ours instanceof Inet4Address ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
    try (DatagramChannel udp = DatagramChannel.open(family);
        ServerSocketChannel tcp = ServerSocketChannel.open()) {
      udp.bind(socketAddress);
      tcp.bind(socketAddress);
      serve(udp, tcp, new Upstreams(resolvConf, ours, zone.stubs()));
    }
  }

  private void serve(DatagramChannel udp, ServerSocketChannel tcp, Upstreams upstreams)
      throws IOException {
    udp.configureBlocking(false);
    tcp.configureBlocking(false);
    SelectionKey udpKey = udp.register(selector, SelectionKey.OP_READ);
    SelectionKey tcpKey = tcp.register(selector, SelectionKey.OP_ACCEPT);
    ByteBuffer buffer = ByteBuffer.allocateDirect(MAX_UDP_RESPONSE_BYTES);
    try (Forwarder forwarder = new Forwarder(selector, upstreams, cache);
        UdpQuestions questions = UdpQuestions.of(udp)) {
      serving.countDown();
      LOG.info("names of {} are answered on {}", zone.zone(), udp.getLocalAddress());
      while (closed.getCount() > 0) {
        selector.select(forwarder.expire().toMillis() + 1);
        for (SelectionKey key : selector.selectedKeys()) {
          if (key == udpKey) {
            questions.receive(
                zone.version(), (query, client) -> answer(query, forwarder, questions, client));
          } else if (key == tcpKey) {
            accept(tcp, upstreams);
          } else {
            forwarder.receive(key, buffer);
          }
        }
        selector.selectedKeys().clear();
      }
    }
  }

  private void answer(
      byte[] query, Forwarder forwarder, UdpQuestions questions, Forwarder.Replies client) {
    Optional<DnsQuestion> question = DnsQuestion.parse(query, query.length);
    if (question.isPresent()) {
      answer(query, question.get(), forwarder, questions, client);
      return;
    }
    Optional<byte[]> refusal = DnsAnswer.renderUnread(query);
    if (refusal.isPresent()) {
      counts.ofUnread(Protocol.UDP, refusal.get()).increment();
      client.reply(refusal.get());
    }
  }

  private void answer(
      byte[] query,
      DnsQuestion asked,
      Forwarder forwarder,
      UdpQuestions questions,
      Forwarder.Replies client) {
    DnsAnswer answer = zone.resolve(asked.name(), asked.type());
    Forwarder.Replies counted =
        response -> {
          counts.of(Protocol.UDP, asked, answer.source(), response).increment();
          client.reply(response);
        };
    if (asked.isOfLaterEdns(query)) {
      counted.reply(DnsAnswer.renderBadVersion(query, asked));
      return;
    }
    Optional<String> elsewhere = zone.elsewhere(answer, asked.type());
    if (answer.outcome() == DnsAnswer.Outcome.NOT_OURS) {
      forwarder.forward(query, asked, counted);
    } else if (elsewhere.isPresent()) {
      byte[] further = Chase.query(query, elsewhere.get(), asked.type());
      forwarder.forward(
          further,
          DnsQuestion.parse(further, further.length).orElse(asked),
          response ->
              counted.reply(
                  Chase.join(answer, response, query, asked, zone.zone(), asked.udpBytes())));
    } else {
      byte[] response = answer.turned(turn++).render(query, asked, zone.zone(), asked.udpBytes());
      if (!answer.isManyAddresses()) { // these take turns
        LongAdder times = counts.of(Protocol.UDP, asked, answer.source(), response);
        questions.keep(query, response, times);
      }
      counted.reply(response);
    }
  }

  private void accept(ServerSocketChannel tcp, Upstreams upstreams) throws IOException {
    SocketChannel connection = tcp.accept();
    if (connection == null) {
      return;
    }
    InetAddress client = connection.socket().getInetAddress();
    if (!admit(client)) {
      connection.close();
      return;
    }
    TcpConversation conversation = new TcpConversation(zone, cache, counts, upstreams.choice());
    Thread.startVirtualThread(
        () -> {
          try (Socket socket = connection.socket()) {
            connection.configureBlocking(true);
            conversation.hold(socket);
          } catch (IOException e) {
            LOG.debug("a TCP client left: {}", e.getMessage());
          } finally {
            release(client);
          }
        });
  }

  /** One client that opens many connections leaves the others theirs. */
  private boolean admit(InetAddress client) {
    if (!connections.tryAcquire()) {
      return false;
    }
    if (connectionsOf.merge(client, 1, Integer::sum) > MAX_CONNECTIONS_OF_ONE) {
      release(client);
      return false;
    }
    return true;
  }

  private void release(InetAddress client) {
    connectionsOf.computeIfPresent(
        client, (_, count) -> count == 1 ? null : Integer.valueOf(count - 1));
    connections.release();
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      selector.close();
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (IOException e) {
      LOG.debug("closing: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
