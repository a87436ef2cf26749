package dev.wherry.agent.link;

import dev.wherry.agent.logs.PodLogs;
import dev.wherry.agent.runtime.ContainerStreams;
import dev.wherry.agent.runtime.ContainerStreams.Connection;
import dev.wherry.agent.volume.VolumeDirectory;
import java.util.function.Supplier;

/**
 * What tunnels from the master are served with.
 *
 * @param endpoint a connection to kubelet's paths on this node
 */
public record NodeServices(
    ContainerStreams streams,
    PodLogs logs,
    VolumeDirectory volumes,
    Supplier<Connection> endpoint) {}
