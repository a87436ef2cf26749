/** Network policies in the kernel. */
@NullMarked
package dev.wherry.agent.policy;

import org.jspecify.annotations.NullMarked;
