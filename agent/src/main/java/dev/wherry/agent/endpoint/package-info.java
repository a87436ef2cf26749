/** What kubelet serves at its port and clients reach through {@code nodes/NAME/proxy}. */
@NullMarked
package dev.wherry.agent.endpoint;

import org.jspecify.annotations.NullMarked;
