/** Tests of nodes' taints and of evictions. */
@org.jspecify.annotations.NullMarked
package dev.wherry.master.controllers.node;
