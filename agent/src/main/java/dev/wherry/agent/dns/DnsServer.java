package dev.wherry.agent.dns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
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

  /** TCP connections at a time; more wait in the kernel's queue. */
  static final int MAX_CONNECTIONS = 32;

  static final Duration TCP_IDLE = Duration.ofSeconds(10);

  /** How long to wait for the address, which comes with the node's ranges. */
  private static final Duration BIND_AGAIN = Duration.ofMillis(500);

  private static final int MAX_MESSAGE_BYTES = 65_535;
  private static final int MAX_UDP_QUERY_BYTES = 4_096;
  private static final int BATCH = 64;
  private static final long STACK_BYTES = 256 << 10;

  private final ClusterZone zone;
  private final Supplier<Optional<InetAddress>> address;
  private final Path resolvConf;
  private final SaidAnswers said = new SaidAnswers();
  private final Thread thread;
  private final Semaphore connections = new Semaphore(MAX_CONNECTIONS);
  private final CountDownLatch serving = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Selector selector;

  private DnsServer(ClusterZone zone, Supplier<Optional<InetAddress>> address, Path resolvConf)
      throws IOException {
    this.zone = zone;
    this.address = address;
    this.resolvConf = resolvConf;
    this.selector = Selector.open();
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
    return start(zone, () -> Optional.of(address), resolvConf);
  }

  /**
   * As {@link #start(ClusterZone, InetAddress, Path)}, on an address that may be known later.
   *
   * @param address empty while it is not known
   */
  public static DnsServer start(
      ClusterZone zone, Supplier<Optional<InetAddress>> address, Path resolvConf)
      throws IOException {
    DnsServer server = new DnsServer(zone, address, resolvConf);
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
    try (DatagramChannel udp = DatagramChannel.open();
        ServerSocketChannel tcp = ServerSocketChannel.open()) {
      udp.bind(socketAddress);
      tcp.bind(socketAddress);
      serve(udp, tcp, new Upstreams(resolvConf, ours));
    }
  }

  private void serve(DatagramChannel udp, ServerSocketChannel tcp, Upstreams upstreams)
      throws IOException {
    udp.configureBlocking(false);
    tcp.configureBlocking(false);
    SelectionKey udpKey = udp.register(selector, SelectionKey.OP_READ);
    SelectionKey tcpKey = tcp.register(selector, SelectionKey.OP_ACCEPT);
    ByteBuffer buffer = ByteBuffer.allocateDirect(MAX_UDP_QUERY_BYTES);
    try (Forwarder forwarder = new Forwarder(selector, upstreams)) {
      serving.countDown();
      LOG.info("names of {} are answered on {}", zone.zone(), udp.getLocalAddress());
      while (closed.getCount() > 0) {
        selector.select(forwarder.expire().toMillis() + 1);
        for (SelectionKey key : selector.selectedKeys()) {
          if (key == udpKey) {
            receive(udp, buffer, forwarder);
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

  private void receive(DatagramChannel udp, ByteBuffer buffer, Forwarder forwarder)
      throws IOException {
    for (int i = 0; i < BATCH; i++) {
      buffer.clear();
      SocketAddress client = udp.receive(buffer);
      if (client == null) {
        return;
      }
      byte[] query = new byte[buffer.flip().remaining()];
      buffer.get(query);
      Optional<byte[]> again = said.find(query, zone.version());
      if (again.isPresent()) {
        send(udp, again.get(), client);
        continue;
      }
      Optional<DnsQuestion> question = DnsQuestion.parse(query, query.length);
      if (question.isPresent()) {
        DnsQuestion asked = question.get();
        if (asked.isOfLaterEdns(query)) {
          send(udp, DnsAnswer.renderBadVersion(query, asked), client);
          continue;
        }
        DnsAnswer answer = zone.resolve(asked.name(), asked.type());
        Optional<String> elsewhere = elsewhere(answer, asked);
        if (answer.outcome() == DnsAnswer.Outcome.NOT_OURS) {
          forwarder.forward(query, asked, response -> send(udp, response, client));
        } else if (elsewhere.isPresent()) {
          byte[] further = Chase.query(query, elsewhere.get(), asked.type());
          forwarder.forward(
              further,
              DnsQuestion.parse(further, further.length).orElse(asked),
              response ->
                  send(
                      udp,
                      Chase.join(answer, response)
                          .render(query, asked, zone.zone(), asked.udpBytes()),
                      client));
        } else {
          byte[] response = answer.render(query, asked, zone.zone(), asked.udpBytes());
          said.keep(query, response);
          send(udp, response, client);
        }
      }
    }
  }

  /** What another server is to be asked for behind an alias, where it is an address. */
  private Optional<String> elsewhere(DnsAnswer answer, DnsQuestion asked) {
    boolean address = asked.type() == DnsQuestion.A || asked.type() == DnsQuestion.AAAA;
    return address
        ? answer.unresolved().filter(name -> !name.endsWith("." + zone.zone()))
        : Optional.empty();
  }

  private static void send(DatagramChannel udp, byte[] response, SocketAddress client) {
    try {
      udp.send(ByteBuffer.wrap(response), client);
    } catch (IOException e) {
      LOG.debug("no answer reaches {}: {}", client, e.getMessage());
    }
  }

  private void accept(ServerSocketChannel tcp, Upstreams upstreams) throws IOException {
    SocketChannel connection = tcp.accept();
    if (connection == null) {
      return;
    }
    if (!connections.tryAcquire()) {
      connection.close();
      return;
    }
    List<InetSocketAddress> servers = upstreams.servers();
    Thread.startVirtualThread(
        () -> {
          try (Socket socket = connection.socket()) {
            connection.configureBlocking(true);
            socket.setSoTimeout((int) TCP_IDLE.toMillis());
            converse(socket, servers);
          } catch (IOException e) {
            LOG.debug("a TCP client left: {}", e.getMessage());
          } finally {
            connections.release();
          }
        });
  }

  /** Messages with their length in front (RFC 1035, 4.2.2), until the client has no more. */
  private void converse(Socket socket, List<InetSocketAddress> servers) throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
    while (true) {
      int high = in.read();
      if (high < 0) {
        return;
      }
      byte[] query = new byte[high << 8 | in.readUnsignedByte()];
      in.readFully(query);
      Optional<DnsQuestion> question = DnsQuestion.parse(query, query.length);
      if (question.isEmpty()) {
        return;
      }
      byte[] response = respond(query, question.get(), servers);
      byte[] framed = new byte[2 + response.length];
      framed[0] = (byte) (response.length >>> 8);
      framed[1] = (byte) response.length;
      System.arraycopy(response, 0, framed, 2, response.length);
      out.write(framed);
    }
  }

  private byte[] respond(byte[] query, DnsQuestion question, List<InetSocketAddress> servers) {
    if (question.isOfLaterEdns(query)) {
      return DnsAnswer.renderBadVersion(query, question);
    }
    DnsAnswer answer = zone.resolve(question.name(), question.type());
    if (answer.outcome() == DnsAnswer.Outcome.NOT_OURS) {
      return relay(query, question, servers);
    }
    Optional<String> elsewhere = elsewhere(answer, question);
    DnsAnswer whole = answer;
    if (elsewhere.isPresent()) {
      byte[] further = Chase.query(query, elsewhere.get(), question.type());
      whole = Chase.join(answer, relay(further, question, servers));
    }
    return whole.render(query, question, zone.zone(), MAX_MESSAGE_BYTES);
  }

  private static byte[] relay(byte[] query, DnsQuestion question, List<InetSocketAddress> servers) {
    for (InetSocketAddress server : servers) {
      try (Socket upstream = new Socket()) {
        upstream.connect(server, (int) Forwarder.PATIENCE.toMillis());
        upstream.setSoTimeout((int) TCP_IDLE.toMillis());
        DataOutputStream out = new DataOutputStream(upstream.getOutputStream());
        out.writeShort(query.length);
        out.write(query);
        DataInputStream in = new DataInputStream(upstream.getInputStream());
        byte[] response = new byte[in.readUnsignedShort()];
        in.readFully(response);
        return response;
      } catch (IOException e) {
        LOG.debug("{} does not answer over TCP: {}", server, e.getMessage());
      }
    }
    return DnsAnswer.renderFailure(query, question);
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
