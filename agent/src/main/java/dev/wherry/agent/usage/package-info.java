/** What the node has, uses and says of itself. */
@NullMarked
package dev.wherry.agent.usage;

import org.jspecify.annotations.NullMarked;
