/** The one entrance to objects: identity, authorization, admission, registry, audit. */
@NullMarked
package dev.wherry.master.access;

import org.jspecify.annotations.NullMarked;
