/** Containers on Docker Engine by its REST API. */
@NullMarked
package dev.wherry.agent.runtime.docker;

import org.jspecify.annotations.NullMarked;
