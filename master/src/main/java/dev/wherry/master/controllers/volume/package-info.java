/** Claims and volumes: matching, local provisioning, protection, reclaiming, expansion. */
@NullMarked
package dev.wherry.master.controllers.volume;

import org.jspecify.annotations.NullMarked;
