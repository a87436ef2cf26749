/** What is mounted into containers: the plan is pure, the applier makes it so. */
@NullMarked
package dev.wherry.agent.volume;

import org.jspecify.annotations.NullMarked;
