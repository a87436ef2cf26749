/**
 * The cluster's certificate authority and the certificates that it issues, on the JDK alone. They
 * lie in one directory, so that another master takes them over by copying it.
 */
@NullMarked
package dev.wherry.master.pki;

import org.jspecify.annotations.NullMarked;
