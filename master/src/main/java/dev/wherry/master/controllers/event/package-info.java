/** Events are forgotten after a while. */
@NullMarked
package dev.wherry.master.controllers.event;

import org.jspecify.annotations.NullMarked;
