package dev.wherry.master.store;

/** The revision asked for is older than the retained history; the HTTP layer answers 410 Gone. */
public final class CompactedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CompactedException(Revision asked, Revision oldest) {
    super("required revision " + asked + " has been compacted; the oldest is " + oldest);
  }
}
