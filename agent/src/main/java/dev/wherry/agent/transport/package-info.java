/** How Netty reaches the kernel's sockets. */
@NullMarked
package dev.wherry.agent.transport;

import org.jspecify.annotations.NullMarked;
