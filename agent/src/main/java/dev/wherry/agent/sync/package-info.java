/** Runs the effects of the pods' state machines, one virtual thread a pod. */
@NullMarked
package dev.wherry.agent.sync;

import org.jspecify.annotations.NullMarked;
