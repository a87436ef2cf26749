/** Master and agents in one process: the session between them under faults. */
@NullMarked
package dev.wherry.cli.session;

import org.jspecify.annotations.NullMarked;
