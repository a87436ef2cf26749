/** How the parts of a running program end. */
@NullMarked
package dev.wherry.api.lifecycle;

import org.jspecify.annotations.NullMarked;
