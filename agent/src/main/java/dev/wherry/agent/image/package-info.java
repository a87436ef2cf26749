/** Image names, pull policy, preloading. */
@NullMarked
package dev.wherry.agent.image;

import org.jspecify.annotations.NullMarked;
