/** Tests of the store on disk: contract, crashes, damage, full disks. */
@NullMarked
package dev.wherry.master.store.disk;

import org.jspecify.annotations.NullMarked;
