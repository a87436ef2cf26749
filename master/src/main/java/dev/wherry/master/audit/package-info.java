/**
 * Who did what, and when: which requests are recorded is the policy's, how they look is
 * audit.k8s.io/v1, where they go is a file that is rotated.
 */
@NullMarked
package dev.wherry.master.audit;

import org.jspecify.annotations.NullMarked;
