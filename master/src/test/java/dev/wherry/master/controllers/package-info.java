/** Controllers over the real registry, with a store in memory and a kubelet that only pretends. */
@org.jspecify.annotations.NullMarked
package dev.wherry.master.controllers;
