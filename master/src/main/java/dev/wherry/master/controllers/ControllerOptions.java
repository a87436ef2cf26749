package dev.wherry.master.controllers;

/**
 * What the controllers need to know.
 *
 * @param caPem the certificate of the cluster's CA, which every namespace gets
 */
public record ControllerOptions(String caPem) {}
