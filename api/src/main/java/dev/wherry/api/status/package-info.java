/** The Kubernetes Status object as a value and as an exception. */
@NullMarked
package dev.wherry.api.status;

import org.jspecify.annotations.NullMarked;
