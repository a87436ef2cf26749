/** Service load balancing in the kernel. */
@NullMarked
package dev.wherry.agent.services;

import org.jspecify.annotations.NullMarked;
