/** What objects take of the quota of their namespace. Pure. */
@NullMarked
package dev.wherry.master.registry.quota;

import org.jspecify.annotations.NullMarked;
