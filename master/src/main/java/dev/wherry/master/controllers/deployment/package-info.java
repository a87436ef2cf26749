/** Deployments: replica sets that follow one another. */
@NullMarked
package dev.wherry.master.controllers.deployment;

import org.jspecify.annotations.NullMarked;
