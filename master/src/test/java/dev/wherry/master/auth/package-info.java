/** Tests of who may do what. */
@NullMarked
package dev.wherry.master.auth;

import org.jspecify.annotations.NullMarked;
