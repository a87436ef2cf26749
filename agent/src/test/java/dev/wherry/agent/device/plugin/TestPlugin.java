package dev.wherry.agent.device.plugin;

import dev.wherry.proto.deviceplugin.AllocateRequest;
import dev.wherry.proto.deviceplugin.AllocateResponse;
import dev.wherry.proto.deviceplugin.CDIDevice;
import dev.wherry.proto.deviceplugin.ContainerAllocateResponse;
import dev.wherry.proto.deviceplugin.ContainerPreferredAllocationResponse;
import dev.wherry.proto.deviceplugin.Device;
import dev.wherry.proto.deviceplugin.DevicePluginGrpc;
import dev.wherry.proto.deviceplugin.DevicePluginOptions;
import dev.wherry.proto.deviceplugin.DeviceSpec;
import dev.wherry.proto.deviceplugin.Empty;
import dev.wherry.proto.deviceplugin.ListAndWatchResponse;
import dev.wherry.proto.deviceplugin.Mount;
import dev.wherry.proto.deviceplugin.PreStartContainerRequest;
import dev.wherry.proto.deviceplugin.PreStartContainerResponse;
import dev.wherry.proto.deviceplugin.PreferredAllocationRequest;
import dev.wherry.proto.deviceplugin.PreferredAllocationResponse;
import dev.wherry.proto.deviceplugin.RegisterRequest;
import dev.wherry.proto.deviceplugin.RegistrationGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * A device plugin as others write them, on sockets of its own: its devices are the host's /dev/null
 * under other names.
 */
public final class TestPlugin extends DevicePluginGrpc.DevicePluginImplBase
    implements AutoCloseable {
  public static final String RESOURCE = "example.com/nothing";

  private final Path directory;
  private final Path socket;
  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Server server;
  private final List<StreamObserver<ListAndWatchResponse>> watchers =
      Collections.synchronizedList(new ArrayList<>());
  private volatile Map<String, String> devices;
  private final List<String> cdi = new CopyOnWriteArrayList<>();

  /** What it was asked, in order. */
  final Queue<String> asked = new ConcurrentLinkedQueue<>();

  /**
   * @param devices health by id
   */
  public TestPlugin(Path directory, Map<String, String> devices) throws IOException {
    this.directory = directory;
    this.socket = directory.resolve("nothing.sock");
    this.devices = devices;
    Files.deleteIfExists(socket);
    this.server =
        NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .channelType(NioServerDomainSocketChannel.class)
            .bossEventLoopGroup(loop)
            .workerEventLoopGroup(loop)
            .addService(this)
            .build()
            .start();
  }

  public void register() {
    register("v1beta1", RESOURCE, "nothing.sock");
  }

  void register(String version, String resource, String endpoint) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(
                UnixDomainSocketAddress.of(directory.resolve("kubelet.sock")))
            .channelType(NioDomainSocketChannel.class)
            .eventLoopGroup(loop)
            .overrideAuthority("localhost")
            .usePlaintext()
            .build();
    try {
      Empty answer =
          RegistrationGrpc.newBlockingStub(channel)
              .register(
                  RegisterRequest.newBuilder()
                      .setVersion(version)
                      .setEndpoint(endpoint)
                      .setResourceName(resource)
                      .setOptions(
                          DevicePluginOptions.newBuilder()
                              .setPreStartRequired(true)
                              .setGetPreferredAllocationAvailable(true))
                      .build());
      asked.add("registered" + answer.getSerializedSize());
    } finally {
      channel.shutdownNow();
    }
  }

  /** What it gives from now on has this device of the Container Device Interface, too. */
  public void addCdi(String name) {
    cdi.add(name);
  }

  /** Its devices are these from now on. */
  void list(Map<String, String> now) {
    devices = now;
    watchers.forEach(each -> each.onNext(response()));
  }

  private ListAndWatchResponse response() {
    ListAndWatchResponse.Builder list = ListAndWatchResponse.newBuilder();
    devices.forEach(
        (id, health) -> list.addDevices(Device.newBuilder().setID(id).setHealth(health)));
    return list.build();
  }

  @Override
  public void listAndWatch(Empty request, StreamObserver<ListAndWatchResponse> answers) {
    watchers.add(answers);
    answers.onNext(response());
  }

  @Override
  public void getPreferredAllocation(
      PreferredAllocationRequest request, StreamObserver<PreferredAllocationResponse> answers) {
    // The last ones, which nobody would take by itself.
    List<String> available = request.getContainerRequests(0).getAvailableDeviceIDsList();
    answers.onNext(
        PreferredAllocationResponse.newBuilder()
            .addContainerResponses(
                ContainerPreferredAllocationResponse.newBuilder()
                    .addAllDeviceIDs(available.reversed()))
            .build());
    answers.onCompleted();
  }

  @Override
  public void allocate(AllocateRequest request, StreamObserver<AllocateResponse> answers) {
    List<String> ids = request.getContainerRequests(0).getDevicesIdsList();
    asked.add("allocate " + String.join(",", ids));
    ContainerAllocateResponse.Builder container =
        ContainerAllocateResponse.newBuilder()
            .putEnvs("NOTHING", String.join(",", ids))
            .addMounts(
                Mount.newBuilder()
                    .setHostPath(directory.toString())
                    .setContainerPath("/nothing")
                    .setReadOnly(true));
    cdi.forEach(name -> container.addCdiDevices(CDIDevice.newBuilder().setName(name)));
    for (String id : ids) {
      container.addDevices(
          DeviceSpec.newBuilder()
              .setHostPath("/dev/null")
              .setContainerPath("/dev/" + id)
              .setPermissions("rw"));
    }
    answers.onNext(AllocateResponse.newBuilder().addContainerResponses(container).build());
    answers.onCompleted();
  }

  @Override
  public void preStartContainer(
      PreStartContainerRequest request, StreamObserver<PreStartContainerResponse> answers) {
    asked.add("start " + String.join(",", request.getDevicesIdsList()));
    answers.onNext(PreStartContainerResponse.getDefaultInstance());
    answers.onCompleted();
  }

  @Override
  public void close() throws IOException {
    server.shutdownNow();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    Files.deleteIfExists(socket);
  }
}
