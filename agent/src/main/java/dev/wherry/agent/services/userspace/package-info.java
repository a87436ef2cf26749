/** Service load balancing in this process, for machines without nftables. */
@NullMarked
package dev.wherry.agent.services.userspace;

import org.jspecify.annotations.NullMarked;
