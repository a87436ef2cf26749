/** Cron jobs: jobs by the clock. */
@NullMarked
package dev.wherry.master.controllers.cronjob;

import org.jspecify.annotations.NullMarked;
