/** Daemon sets: one pod on every node that fits. */
@NullMarked
package dev.wherry.master.controllers.daemonset;

import org.jspecify.annotations.NullMarked;
