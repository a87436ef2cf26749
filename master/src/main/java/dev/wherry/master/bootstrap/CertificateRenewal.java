package dev.wherry.master.bootstrap;

import dev.wherry.master.reconcile.Timer;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks once a day whether the API's certificate nears its end. A failure is logged and tried again
 * the next day: the certificate is renewed long before it expires.
 */
final class CertificateRenewal {
  static final Duration INTERVAL = Duration.ofDays(1);

  private static final Logger LOG = LoggerFactory.getLogger(CertificateRenewal.class);

  /** Takes a new certificate where one is due. */
  interface Renewal {
    void renew() throws IOException;
  }

  private CertificateRenewal() {}

  /** Begins; it ends with the timer. */
  static void daily(Timer timer, Renewal renewal) {
    // The timer's thread must not wait for keys and files.
    timer.after(INTERVAL, () -> Thread.ofVirtual().start(() -> renew(timer, renewal)));
  }

  private static void renew(Timer timer, Renewal renewal) {
    try {
      renewal.renew();
    } catch (IOException | RuntimeException e) {
      LOG.error("the API's certificate could not be renewed; it is tried again in a day", e);
    }
    daily(timer, renewal);
  }
}
