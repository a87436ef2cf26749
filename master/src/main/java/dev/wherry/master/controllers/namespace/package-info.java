/** Namespaces: those that every cluster has, what every one holds, and their orderly end. */
@NullMarked
package dev.wherry.master.controllers.namespace;

import org.jspecify.annotations.NullMarked;
