package dev.wherry.master.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WatchPathTest {
  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          /api/v1/watch/pods, /api/v1/pods?watch=true
          /api/v1/watch/pods?labelSelector=a, /api/v1/pods?watch=true&labelSelector=a
          /api/v1/watch/namespaces/ns, /api/v1/namespaces?watch=true&fieldSelector=metadata.name%3Dns
          /api/v1/watch/namespaces/ns/pods, /api/v1/namespaces/ns/pods?watch=true
          /api/v1/watch/namespaces/pods/pods/pods?a=b, /api/v1/namespaces/pods/pods?watch=true&fieldSelector=metadata.name%3Dpods&a=b
          /apis/apps/v1/watch/deployments, /apis/apps/v1/deployments?watch=true
          /apis/apps/v1/watch/namespaces/ns/deployments/d, /apis/apps/v1/namespaces/ns/deployments?watch=true&fieldSelector=metadata.name%3Dd
          """)
  void isWrittenAsToday(String old, String now) {
    assertThat(WatchPath.modern(old)).isEqualTo(now);
  }

  @ParameterizedTest
  @CsvSource({
    "/api/v1/pods",
    "/api/v1/watch",
    "/api/v1/watch/",
    "/api/v1/namespaces/watch/pods",
    "/api/v1/namespaces/ns/services/a/proxy/watch/b",
    "/api/v1/watch/namespaces/ns/pods/p/log",
    "/api/v1/pods?continue=/watch/b",
    "/watch/pods",
  })
  void leavesOtherTargetsAsTheyAre(String target) {
    assertThat(WatchPath.modern(target)).isEqualTo(target);
  }
}
