package dev.wherry.agent.services;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Networks;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.object.ObjectKey;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When the desired state counts: what a balancer that writes down is told of a service. */
class ServiceDataplaneTest {
  private static final Duration NEVER = Duration.ofDays(1);
  private static final ObjectKey WEB = new ObjectKey("default", "web");

  private final DesiredState desired = new DesiredState();
  private final Notes notes = new Notes();

  @BeforeEach
  void loadACheckpointThatLacksEndpoints() {
    desired.networks(new Networks("10.42.0.0/24", Fixtures.PODS, Fixtures.SERVICES));
    desired.upsert(Resource.SERVICES, Fixtures.service("web", "10.43.0.9", "80"));
  }

  @Test
  void earlierRulesAnswerUntilTheMasterHasSaidAll() throws Exception {
    try (var _ = start(NEVER)) {
      assertThat(notes.asked.await(60, TimeUnit.SECONDS)).isTrue();
      desired.upsert(Resource.ENDPOINT_SLICES, Fixtures.slice("web", "80", "10.42.0.5"));
      desired.synced(
          Map.of(
              Resource.SERVICES,
              List.of(WEB),
              Resource.ENDPOINT_SLICES,
              List.of(new ObjectKey("default", "web-slice"))));

      assertThat(firstBackends()).containsExactly("10.42.0.5");
    }
  }

  @Test
  void aMasterThatStaysAwayIsNotWaitedForLong() throws Exception {
    try (var _ = start(Duration.ofMillis(1))) {
      assertThat(firstBackends()).isEmpty();
    }
  }

  @Test
  void afterARebootTheCheckpointCountsAtOnce() throws Exception {
    notes.inPlace = false;
    try (var _ = start(NEVER)) {
      assertThat(firstBackends()).isEmpty();
    }
  }

  @Test
  void whatCouldNotBeAppliedIsNotWaitedForInVain() throws Exception {
    notes.inPlace = false;
    notes.refused = true;
    try (ServiceDataplane dataplane = start(NEVER)) {
      assertThat(notes.tried.tryAcquire(2, 60, TimeUnit.SECONDS)).isTrue();
      assertThat(dataplane.awaitIdle(Duration.ofMillis(50))).as("refused").isFalse();
      notes.refused = false;
      assertThat(dataplane.awaitIdle(Duration.ofSeconds(60))).as("tried again").isTrue();
    }
  }

  private ServiceDataplane start(Duration masterWithin) {
    CompletableFuture<Void> heard = desired.heardWithin(masterWithin);
    ServiceDataplane dataplane =
        new ServiceDataplane(desired, Fixtures.NODE, IpFamily.IPV4, notes, heard);
    dataplane.start();
    return dataplane;
  }

  private List<String> firstBackends() throws InterruptedException {
    Map<ObjectKey, List<ServicePort>> first = notes.taken.poll(60, TimeUnit.SECONDS);
    assertThat(first).containsOnlyKeys(WEB);
    return first.values().stream()
        .flatMap(List::stream)
        .flatMap(port -> port.internalBackends().stream())
        .map(Backend::address)
        .toList();
  }

  /** Writes down what it is told. */
  private static final class Notes implements Balancer {
    final CountDownLatch asked = new CountDownLatch(1);
    final LinkedBlockingQueue<Map<ObjectKey, List<ServicePort>>> taken =
        new LinkedBlockingQueue<>();
    final Semaphore tried = new Semaphore(0);
    volatile boolean inPlace = true;
    volatile boolean refused;

    @Override
    public boolean isInPlace() {
      asked.countDown();
      return inPlace;
    }

    @Override
    public void begin(Networks networks) {}

    @Override
    public void take(Map<ObjectKey, List<ServicePort>> changed) {
      taken.add(changed);
    }

    @Override
    public boolean isDisturbed() {
      return false;
    }

    @Override
    public void apply() throws IOException {
      tried.release();
      if (refused) {
        throw new IOException("refused");
      }
    }

    @Override
    public Map<ObjectKey, ServiceCount> counts() {
      return Map.of();
    }

    @Override
    public void close() {}
  }
}
