package dev.wherry.master.controllers;

import dev.wherry.master.controllers.volume.ClaimController;
import dev.wherry.master.controllers.volume.DefaultStorageClass;
import dev.wherry.master.controllers.volume.EphemeralClaims;
import dev.wherry.master.controllers.volume.VolumeController;

/** The controllers of volumes and claims. */
final class StorageControllers {
  private StorageControllers() {}

  static void addTo(ControllerContext context) {
    context.add(new DefaultStorageClass(context.as("persistent-volume-binder"), context.timer()));
    context.add(
        new ClaimController(
            context.as("persistent-volume-binder"),
            context.shared(),
            context.recorder("persistentvolume-controller"),
            context.timer()));
    context.add(
        new VolumeController(
            context.as("persistent-volume-binder"),
            context.shared(),
            context.options().directories(),
            context.recorder("persistentvolume-controller"),
            context.timer()));
    context.add(
        new EphemeralClaims(
            context.as("ephemeral-volume-controller"),
            context.shared(),
            context.recorder("ephemeral_volume"),
            context.timer()));
  }
}
