/** Tests of what becomes of Secrets with tokens. */
@org.jspecify.annotations.NullMarked
package dev.wherry.master.controllers.serviceaccount;
