/** Tests of the garbage collector's judgement. */
@org.jspecify.annotations.NullMarked
package dev.wherry.master.controllers.garbage;
