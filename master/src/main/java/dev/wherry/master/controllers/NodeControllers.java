package dev.wherry.master.controllers;

import dev.wherry.master.controllers.event.EventExpiry;
import dev.wherry.master.controllers.node.NodeLifecycle;
import dev.wherry.master.controllers.pod.PodGarbage;

/** The controllers of nodes, and of what nobody looks after any more. */
final class NodeControllers {
  private NodeControllers() {}

  static void addTo(ControllerContext context) {
    context.add(
        new NodeLifecycle(
            context.as("node-controller"),
            context.shared(),
            context.options().signs(),
            context.recorder("node-controller"),
            context.timer(),
            context.options().monitoring()));
    context.add(
        new PodGarbage(context.as("pod-garbage-collector"), context.shared(), context.timer()));
    context.add(new EventExpiry(context.as("event-expiry"), context.timer()));
  }
}
