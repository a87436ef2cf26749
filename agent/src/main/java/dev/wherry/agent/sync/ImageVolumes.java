package dev.wherry.agent.sync;

import dev.wherry.agent.image.Images;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.ContainerRuntime.Image;
import dev.wherry.agent.volume.ImageMounts;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.Volume;
import dev.wherry.api.view.Volume.Source;
import java.io.IOException;
import java.util.List;

/**
 * Pulls and mounts images that containers have as volumes, before the first container of theirs is
 * made. Methods block; thread-safe for different pods.
 */
record ImageVolumes(
    ContainerRuntime runtime, Images images, Credentials credentials, ImageMounts mounts) {

  /** Mounts those of the container's volumes that are not mounted yet. */
  void mount(PodView pod, ContainerView container, Images.Progress progress)
      throws IOException, InterruptedException {
    List<String> wanted = container.volumeMounts().stream().map(each -> each.name()).toList();
    for (Volume each : pod.volumes()) {
      if (each.source() instanceof Source.Image image
          && wanted.contains(each.name())
          && !mounts.isMounted(pod.uid(), each.name())) {
        Image found =
            images.fetch(
                image.reference(),
                image.pullPolicy(),
                credentials.of(pod, image.reference()),
                progress);
        mounts.mount(pod.uid(), each.name(), found.id(), runtime.layers(found.id()));
      }
    }
  }
}
