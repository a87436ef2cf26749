/** Composes the master. The only place of wiring. */
@NullMarked
package dev.wherry.master.bootstrap;

import org.jspecify.annotations.NullMarked;
