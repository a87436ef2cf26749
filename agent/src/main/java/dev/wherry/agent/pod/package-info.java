/** The life of a pod as a pure state machine: what was observed, what is wanted, what to do. */
@NullMarked
package dev.wherry.agent.pod;

import org.jspecify.annotations.NullMarked;
