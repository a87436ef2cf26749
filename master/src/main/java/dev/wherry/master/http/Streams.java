package dev.wherry.master.http;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What every stream to a pod needs. */
final class Streams {
  private static final Logger LOG = LoggerFactory.getLogger(Streams.class);

  private Streams() {}

  /** Closes what nobody uses any more; a failure changes nothing for anybody. */
  static void closeQuietly(AutoCloseable stream) {
    try {
      stream.close();
    } catch (Exception e) {
      LOG.debug("a stream was closed with a failure: {}", e.toString());
    }
  }
}
