/** Horizontal pod autoscaling: as many pods as their load asks for. */
@NullMarked
package dev.wherry.master.controllers.autoscaler;

import org.jspecify.annotations.NullMarked;
