/** Tokens of service accounts that stand in Secrets. */
@NullMarked
package dev.wherry.master.controllers.serviceaccount;

import org.jspecify.annotations.NullMarked;
