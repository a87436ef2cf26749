/** What controllers of workloads share: making pods, claiming and releasing, order of deletion. */
@NullMarked
package dev.wherry.master.controllers.workload;

import org.jspecify.annotations.NullMarked;
