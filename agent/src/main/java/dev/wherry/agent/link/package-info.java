/** The agent's session with the master: desired state in, reports out, tunnels served. */
@NullMarked
package dev.wherry.agent.link;

import org.jspecify.annotations.NullMarked;
