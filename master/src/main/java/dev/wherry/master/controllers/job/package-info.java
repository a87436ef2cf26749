/** Jobs: pods that run to an end, counted once each. */
@NullMarked
package dev.wherry.master.controllers.job;

import org.jspecify.annotations.NullMarked;
