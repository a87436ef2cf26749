package dev.wherry.agent.device.plugin;

import dev.wherry.agent.device.DeviceGrant;
import dev.wherry.agent.runtime.ContainerSpec.Device;
import dev.wherry.proto.deviceplugin.AllocateRequest;
import dev.wherry.proto.deviceplugin.CDIDevice;
import dev.wherry.proto.deviceplugin.ContainerAllocateRequest;
import dev.wherry.proto.deviceplugin.ContainerAllocateResponse;
import dev.wherry.proto.deviceplugin.ContainerPreferredAllocationRequest;
import dev.wherry.proto.deviceplugin.DevicePluginGrpc;
import dev.wherry.proto.deviceplugin.DevicePluginOptions;
import dev.wherry.proto.deviceplugin.Empty;
import dev.wherry.proto.deviceplugin.ListAndWatchResponse;
import dev.wherry.proto.deviceplugin.PreStartContainerRequest;
import dev.wherry.proto.deviceplugin.PreferredAllocationRequest;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One plugin, from its registration to the end of its list of devices. Thread-safe. */
final class PluginConnection implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Kubelet's bound for a plugin that prepares a device. */
  private static final Duration PRE_START = Duration.ofSeconds(30);

  private static final String HEALTHY = "Healthy";

  private final ManagedChannel channel;
  private final String resource;
  private final DevicePluginOptions options;

  /** Told what the plugin says of its devices, in order. */
  interface Listener {
    /** Whether each device works, by id. */
    void listed(Map<String, Boolean> devices);

    /** Nothing more will be said. */
    void ended(String why);
  }

  private PluginConnection(ManagedChannel channel, String resource, DevicePluginOptions options) {
    this.channel = channel;
    this.resource = resource;
    this.options = options;
  }

  /** Asks the plugin for its devices; returns at once. */
  static PluginConnection open(
      Path socket,
      EventLoopGroup loop,
      String resource,
      DevicePluginOptions options,
      Listener listener) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .channelType(NioDomainSocketChannel.class)
            .eventLoopGroup(loop)
            .executor(task -> Thread.ofVirtual().name("device-plugin").start(task))
            .overrideAuthority("localhost")
            .usePlaintext()
            .build();
    PluginConnection connection = new PluginConnection(channel, resource, options);
    // The list outlives the call by which the plugin registered.
    Context.ROOT.run(
        () ->
            DevicePluginGrpc.newStub(channel)
                .listAndWatch(Empty.getDefaultInstance(), new Devices(listener)));
    return connection;
  }

  private record Devices(Listener listener) implements StreamObserver<ListAndWatchResponse> {
    @Override
    public void onNext(ListAndWatchResponse list) {
      Map<String, Boolean> devices = new HashMap<>();
      list.getDevicesList()
          .forEach(each -> devices.put(each.getID(), each.getHealth().equals(HEALTHY)));
      listener.listed(devices);
    }

    @Override
    public void onError(Throwable failure) {
      listener.ended(String.valueOf(failure.getMessage()));
    }

    @Override
    public void onCompleted() {
      listener.ended("its list ended");
    }
  }

  private DevicePluginGrpc.DevicePluginBlockingStub within(Duration time) {
    return DevicePluginGrpc.newBlockingStub(channel)
        .withDeadlineAfter(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Those that the plugin would choose; nothing where it has no opinion or does not answer. */
  List<String> preferred(PluginResource.Choice choice) {
    if (!options.getGetPreferredAllocationAvailable()) {
      return List.of();
    }
    try {
      return within(PATIENCE)
          .getPreferredAllocation(
              PreferredAllocationRequest.newBuilder()
                  .addContainerRequests(
                      ContainerPreferredAllocationRequest.newBuilder()
                          .addAllAvailableDeviceIDs(choice.available())
                          .addAllMustIncludeDeviceIDs(choice.first())
                          .setAllocationSize(choice.count()))
                  .build())
          .getContainerResponsesList()
          .stream()
          .findFirst()
          .map(each -> List.copyOf(each.getDeviceIDsList()))
          .orElse(List.of());
    } catch (StatusRuntimeException _) {
      return List.of(); // an opinion, no condition
    }
  }

  /** What a container needs to use these devices. */
  DeviceGrant allocate(List<String> ids) throws IOException {
    try {
      List<ContainerAllocateResponse> answers =
          within(PATIENCE)
              .allocate(
                  AllocateRequest.newBuilder()
                      .addContainerRequests(
                          ContainerAllocateRequest.newBuilder().addAllDevicesIds(ids))
                      .build())
              .getContainerResponsesList();
      if (answers.isEmpty()) {
        throw new IOException("Allocate failed due to no containers return in allocation response");
      }
      return grant(answers.getFirst());
    } catch (StatusRuntimeException e) {
      throw new IOException(
          "Allocate failed due to " + e.getMessage() + ", which is unexpected", e);
    }
  }

  private static DeviceGrant grant(ContainerAllocateResponse answer) {
    return new DeviceGrant(
        answer.getEnvsMap(),
        answer.getMountsList().stream()
            .map(
                each ->
                    DeviceGrant.mount(
                        each.getHostPath(), each.getContainerPath(), each.getReadOnly()))
            .toList(),
        answer.getDevicesList().stream()
            .map(
                each ->
                    new Device(
                        Path.of(each.getHostPath()),
                        each.getContainerPath(),
                        each.getPermissions()))
            .toList(),
        answer.getCdiDevicesList().stream().map(CDIDevice::getName).toList());
  }

  /** Lets the plugin prepare the devices before a container's start, where it asked for that. */
  void preStart(List<String> ids) throws IOException {
    if (!options.getPreStartRequired()) {
      return;
    }
    try {
      PreStartContainerRequest request =
          PreStartContainerRequest.newBuilder().addAllDevicesIds(ids).build();
      if (!within(PRE_START).preStartContainer(request).isInitialized()) {
        throw new IOException("the plugin of " + resource + " gave no answer");
      }
    } catch (StatusRuntimeException e) {
      throw new IOException(
          "device plugin PreStartContainer rpc failed with err: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
