/** Pod interfaces, addresses and routes. */
@NullMarked
package dev.wherry.agent.network;

import org.jspecify.annotations.NullMarked;
