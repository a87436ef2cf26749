/** Kubernetes API objects as immutable trees. */
@NullMarked
package dev.wherry.api;

import org.jspecify.annotations.NullMarked;
