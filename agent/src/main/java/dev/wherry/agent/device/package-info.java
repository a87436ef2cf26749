/** Devices of the host that pods can ask for: by configuration, or from device plugins. */
@NullMarked
package dev.wherry.agent.device;

import org.jspecify.annotations.NullMarked;
