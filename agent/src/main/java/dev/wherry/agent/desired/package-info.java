/** What this node should be: pods, config maps, secrets, services, peers. */
@NullMarked
package dev.wherry.agent.desired;

import org.jspecify.annotations.NullMarked;
