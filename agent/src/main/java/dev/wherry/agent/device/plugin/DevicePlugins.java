package dev.wherry.agent.device.plugin;

import dev.wherry.agent.device.DeviceGrant;
import dev.wherry.agent.device.DeviceSource;
import dev.wherry.agent.device.MemoryFile;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import dev.wherry.proto.deviceplugin.RegisterRequest;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Devices of plugins that register on the node (Kubernetes: Device Plugins, v1beta1). A plugin that
 * ends leaves its devices unhealthy, and after {@link #GRACE} there are none; one that comes back
 * goes on where it was. Who has what is remembered in a file. Thread-safe.
 */
public final class DevicePlugins implements DeviceSource {
  private static final Logger LOG = LoggerFactory.getLogger(DevicePlugins.class);
  static final Duration GRACE = Duration.ofMinutes(5);
  private static final int MAX_RESOURCES = 256;

  private final Path directory;
  private final MemoryFile memory;
  private final Runnable changed;
  private final LongSupplier nanoTime;
  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("device-plugins", true), NioIoHandler.newFactory());

  /** Held while a plugin is asked for devices: one container at a time. */
  private final ReentrantLock giving = new ReentrantLock();

  private final Map<String, PluginResource> resources = new TreeMap<>();
  private final Map<String, PluginConnection> connections = new HashMap<>();
  private final Map<String, Long> lostAt = new HashMap<>();
  private @Nullable RegistrationServer server;
  private boolean closed;

  private DevicePlugins(Path directory, Path memory, Runnable changed, LongSupplier nanoTime) {
    this.directory = directory;
    this.memory = new MemoryFile(memory);
    this.changed = changed;
    this.nanoTime = nanoTime;
  }

  /**
   * Listens for plugins. A socket that another agent serves stays that agent's; then no plugin
   * comes here.
   *
   * @param directory of the sockets; made where it is missing
   * @param memory file that remembers who has what; best on a tmpfs, as containers do not outlive a
   *     reboot
   * @param changed told when there is more or less of something; must not block
   */
  public static DevicePlugins open(Path directory, Path memory, Runnable changed)
      throws IOException {
    return open(directory, memory, changed, System::nanoTime);
  }

  static DevicePlugins open(Path directory, Path memory, Runnable changed, LongSupplier nanoTime)
      throws IOException {
    DevicePlugins plugins = new DevicePlugins(directory, memory, changed, nanoTime);
    plugins.recall();
    plugins.listen();
    return plugins;
  }

  private void listen() throws IOException {
    Files.createDirectories(directory);
    PluginSocket socket = new PluginSocket(directory);
    if (socket.isServed()) {
      LOG.warn("device plugins go to another agent, which serves {}", socket.path());
      return;
    }
    // Plugins watch for this file: they register anew when it is made.
    Files.deleteIfExists(socket.path());
    server = RegistrationServer.start(socket.path(), loop, this::register);
  }

  private void register(RegisterRequest plugin) {
    String name = plugin.getResourceName();
    PluginRegistration.check(plugin);
    String endpoint = plugin.getEndpoint();
    synchronized (this) {
      if (!resources.containsKey(name) && resources.size() >= MAX_RESOURCES) {
        throw new IllegalArgumentException("there are " + MAX_RESOURCES + " resources already");
      }
      if (closed) {
        throw new IllegalArgumentException("the agent is ending");
      }
      resource(name);
      PluginListener listener = new PluginListener(name);
      PluginConnection connection =
          PluginConnection.open(
              directory.resolve(endpoint), loop, name, plugin.getOptions(), listener);
      listener.connection = connection;
      PluginConnection before = connections.put(name, connection);
      if (before != null) {
        before.close();
      }
    }
    LOG.info("device plugin {} is there for {}", endpoint, name);
  }

  /** Hears one plugin until another takes its place. */
  private final class PluginListener implements PluginConnection.Listener {
    private final String resource;
    private @Nullable PluginConnection connection;

    PluginListener(String resource) {
      this.resource = resource;
    }

    @Override
    public void listed(Map<String, Boolean> devices) {
      boolean any;
      synchronized (DevicePlugins.this) {
        if (connections.get(resource) != connection) {
          return;
        }
        lostAt.remove(resource);
        any = resource(resource).listed(devices);
      }
      if (any) {
        changed.run();
      }
    }

    @Override
    public void ended(String why) {
      synchronized (DevicePlugins.this) {
        PluginConnection ours = connection;
        if (ours == null || !connections.remove(resource, ours)) {
          return;
        }
        ours.close();
        lostAt.put(resource, nanoTime.getAsLong());
        resource(resource).lost();
      }
      LOG.warn("the device plugin of {} is gone: {}", resource, why);
      changed.run();
    }
  }

  @Override
  public synchronized Map<String, Amount> amounts() {
    Map<String, Amount> amounts = new HashMap<>();
    long now = nanoTime.getAsLong();
    resources.forEach(
        (name, resource) -> {
          Long lost = lostAt.get(name);
          boolean gone = lost != null && now - lost > GRACE.toNanos();
          if (lost != null || connections.containsKey(name)) {
            amounts.put(
                name, gone ? new Amount(0, 0) : new Amount(resource.all(), resource.usable()));
          }
        });
    return amounts;
  }

  @Override
  public DeviceGrant give(PodView pod, ContainerView container)
      throws IOException, InterruptedException {
    DeviceGrant all = DeviceGrant.NONE;
    for (Map.Entry<String, Long> each : container.limits().amounts().entrySet()) {
      if (each.getValue() > 0 && isKnown(each.getKey())) {
        all = all.plus(give(each.getKey(), Math.toIntExact(each.getValue()), pod, container));
      }
    }
    return all;
  }

  private synchronized boolean isKnown(String resource) {
    return resources.containsKey(resource);
  }

  private DeviceGrant give(String name, int count, PodView pod, ContainerView container)
      throws IOException, InterruptedException {
    giving.lockInterruptibly();
    try {
      Optional<PluginConnection> plugin = connection(name);
      Optional<PluginResource.Given> had = had(name, pod.uid(), container.name());
      PluginResource.Given given =
          had.isPresent() ? had.get() : allocate(name, count, pod, container, plugin);
      if (plugin.isPresent()) {
        plugin.get().preStart(given.ids());
      }
      return given.grant();
    } finally {
      giving.unlock();
    }
  }

  private PluginResource.Given allocate(
      String name,
      int count,
      PodView pod,
      ContainerView container,
      Optional<PluginConnection> plugin)
      throws IOException {
    PluginResource.Choice choice;
    synchronized (this) {
      choice = resource(name).choose(pod, count);
    }
    PluginConnection asked =
        plugin.orElseThrow(
            () ->
                new IOException(
                    "Allocate failed due to endpoint not found in cache for a registered resource: "
                        + name
                        + ", which is unexpected"));
    List<String> ids = choice.prefer(asked.preferred(choice));
    PluginResource.Given given = new PluginResource.Given(ids, asked.allocate(ids));
    synchronized (this) {
      resource(name).give(pod.uid(), container.name(), given);
      remember();
    }
    return given;
  }

  private synchronized Optional<PluginConnection> connection(String name) {
    return Optional.ofNullable(connections.get(name));
  }

  private synchronized Optional<PluginResource.Given> had(
      String name, PodUid pod, String container) {
    return resource(name).of(pod, container);
  }

  private PluginResource resource(String name) {
    return resources.computeIfAbsent(name, PluginResource::new);
  }

  @Override
  public synchronized void release(PodUid pod) throws IOException {
    boolean any = false;
    for (PluginResource each : resources.values()) {
      any |= each.release(pod);
    }
    if (any) {
      remember();
    }
  }

  private void remember() throws IOException {
    Map<String, Obj> all = new TreeMap<>();
    resources.forEach((name, resource) -> all.put(name, resource.toTree()));
    memory.write(Obj.of(all));
  }

  private synchronized void recall() throws IOException {
    Obj all = memory.read();
    for (Obj.Entry each : all) {
      resource(each.key()).recall(all.obj(each.key()));
    }
  }

  /** Ends the agent's part; plugins and their sockets stay. */
  @Override
  public void close() {
    RegistrationServer listening;
    synchronized (this) {
      closed = true;
      listening = server;
      connections.values().forEach(PluginConnection::close);
      connections.clear();
    }
    if (listening != null) {
      listening.close();
    }
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  /** Removes an agent's socket, and its directory and that one's where nothing else is in them. */
  public static void purge(Path directory) throws IOException {
    new PluginSocket(directory).purge();
  }
}
