/** HTTP over unix sockets: what an engine's API needs, hijacked streams included. */
@NullMarked
package dev.wherry.agent.runtime.socket;

import org.jspecify.annotations.NullMarked;
