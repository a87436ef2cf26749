/** Garbage: objects whose owners are gone (Kubernetes: Garbage Collection). */
@NullMarked
package dev.wherry.master.controllers.garbage;

import org.jspecify.annotations.NullMarked;
