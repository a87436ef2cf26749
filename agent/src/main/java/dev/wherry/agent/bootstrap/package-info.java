/** Composes the agent. */
@NullMarked
package dev.wherry.agent.bootstrap;

import org.jspecify.annotations.NullMarked;
