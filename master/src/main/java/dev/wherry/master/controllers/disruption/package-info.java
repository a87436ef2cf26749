/** PodDisruptionBudgets: how many pods may go, and whose counting that rests on. */
@NullMarked
package dev.wherry.master.controllers.disruption;

import org.jspecify.annotations.NullMarked;
