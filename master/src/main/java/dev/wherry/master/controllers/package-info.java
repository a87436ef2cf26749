/** The controllers of the master, and where they are started. */
@NullMarked
package dev.wherry.master.controllers;

import org.jspecify.annotations.NullMarked;
