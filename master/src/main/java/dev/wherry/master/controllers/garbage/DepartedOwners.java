package dev.wherry.master.controllers.garbage;

import java.util.LinkedHashSet;

/**
 * The uids of the last {@value #MOST} objects that were seen to go and had dependents: of these
 * nobody needs to look whether they are anywhere. Thread-safe.
 */
final class DepartedOwners {
  static final int MOST = 1024;

  private final LinkedHashSet<String> uids = new LinkedHashSet<>();

  synchronized void add(String uid) {
    if (uids.size() == MOST && !uids.contains(uid)) {
      uids.removeFirst();
    }
    uids.add(uid);
  }

  synchronized boolean contains(String uid) {
    return uids.contains(uid);
  }
}
