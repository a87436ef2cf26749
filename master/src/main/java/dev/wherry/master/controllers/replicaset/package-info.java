/** Replica sets: as many pods as they ask for. */
@NullMarked
package dev.wherry.master.controllers.replicaset;

import org.jspecify.annotations.NullMarked;
