/** HTTP routes into the cluster: pure router, Netty adapter beside it. */
@NullMarked
package dev.wherry.agent.ingress;

import org.jspecify.annotations.NullMarked;
