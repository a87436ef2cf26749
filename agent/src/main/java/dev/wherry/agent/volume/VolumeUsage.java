package dev.wherry.agent.volume;

import dev.wherry.agent.linux.FileSystemUse;
import dev.wherry.api.object.ObjectKey;
import java.util.Optional;

/**
 * How full a pod's volume is. Immutable.
 *
 * @param claim that it is about
 * @param scratch the node's own disk, which the pod's end frees
 */
public record VolumeUsage(
    String name, Optional<ObjectKey> claim, boolean scratch, FileSystemUse use) {}
