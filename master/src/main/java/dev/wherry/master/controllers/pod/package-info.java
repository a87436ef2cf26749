/** Pods that nobody looks after any more. */
@NullMarked
package dev.wherry.master.controllers.pod;

import org.jspecify.annotations.NullMarked;
