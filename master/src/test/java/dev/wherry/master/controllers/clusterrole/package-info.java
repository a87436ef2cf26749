/** Tests of what becomes of aggregated roles. */
@org.jspecify.annotations.NullMarked
package dev.wherry.master.controllers.clusterrole;
