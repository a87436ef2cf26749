/** Control groups of pods: the tree of quality-of-service classes and its limits. */
@NullMarked
package dev.wherry.agent.cgroup;

import org.jspecify.annotations.NullMarked;
