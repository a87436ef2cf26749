/** Programs and kernel files of this machine. */
@NullMarked
package dev.wherry.agent.host;

import org.jspecify.annotations.NullMarked;
