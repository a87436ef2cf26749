/** The status of resource quotas. */
@NullMarked
package dev.wherry.master.controllers.quota;

import org.jspecify.annotations.NullMarked;
