/** What Podman's and Docker's REST APIs have in common. */
@NullMarked
package dev.wherry.agent.runtime.engine;

import org.jspecify.annotations.NullMarked;
