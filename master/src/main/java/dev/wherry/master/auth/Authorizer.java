package dev.wherry.master.auth;

/** Decides who may do what. Thread-safe; must not block for long. */
@FunctionalInterface
public interface Authorizer {
  Decision decide(Attributes attributes);
}
