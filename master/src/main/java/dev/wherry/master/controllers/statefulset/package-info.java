/** Stateful sets: pods with names and claims that stay. */
@NullMarked
package dev.wherry.master.controllers.statefulset;

import org.jspecify.annotations.NullMarked;
