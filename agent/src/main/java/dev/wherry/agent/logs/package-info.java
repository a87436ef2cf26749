/** Container log files: reading, following, rotation. */
@NullMarked
package dev.wherry.agent.logs;

import org.jspecify.annotations.NullMarked;
