/** Cluster roles that gather the rules of others. */
@NullMarked
package dev.wherry.master.controllers.clusterrole;

import org.jspecify.annotations.NullMarked;
