/** Cluster DNS: a name server on each node. */
@NullMarked
package dev.wherry.agent.dns;

import org.jspecify.annotations.NullMarked;
