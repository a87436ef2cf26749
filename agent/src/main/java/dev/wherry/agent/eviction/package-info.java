/**
 * Which pods leave a node that runs short of memory, disk or process ids: signals, thresholds,
 * order.
 */
@NullMarked
package dev.wherry.agent.eviction;

import org.jspecify.annotations.NullMarked;
