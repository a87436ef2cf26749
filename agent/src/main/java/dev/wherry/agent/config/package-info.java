/** The agent's settings. */
@NullMarked
package dev.wherry.agent.config;

import org.jspecify.annotations.NullMarked;
