/** Root package of the agent module. */
@NullMarked
package dev.wherry.agent;

import org.jspecify.annotations.NullMarked;
