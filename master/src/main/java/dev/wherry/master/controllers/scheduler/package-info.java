/** Binds pods to nodes, as {@code scheduling} decides. */
@NullMarked
package dev.wherry.master.controllers.scheduler;

import org.jspecify.annotations.NullMarked;
