/** The nodes' agents: their sessions, heartbeats, deltas of what each node needs, and tunnels. */
@NullMarked
package dev.wherry.master.fleet;

import org.jspecify.annotations.NullMarked;
