/** Devices of plugins that speak kubelet's device plugin protocol (Kubernetes: Device Plugins). */
@NullMarked
package dev.wherry.agent.device.plugin;

import org.jspecify.annotations.NullMarked;
