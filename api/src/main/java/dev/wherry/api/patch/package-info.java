/** The patch formats of the Kubernetes API as pure functions over trees. */
@NullMarked
package dev.wherry.api.patch;

import org.jspecify.annotations.NullMarked;
