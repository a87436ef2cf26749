/** The desired state on disk, for starts with no master in reach. */
@NullMarked
package dev.wherry.agent.checkpoint;

import org.jspecify.annotations.NullMarked;
