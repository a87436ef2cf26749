/** The container runtime as the agent sees it. */
@NullMarked
package dev.wherry.agent.runtime;

import org.jspecify.annotations.NullMarked;
