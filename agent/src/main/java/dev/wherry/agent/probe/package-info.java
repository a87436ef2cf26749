/** Startup, readiness and liveness probes: a pure schedule and its executors. */
@NullMarked
package dev.wherry.agent.probe;

import org.jspecify.annotations.NullMarked;
