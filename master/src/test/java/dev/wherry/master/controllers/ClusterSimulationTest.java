package dev.wherry.master.controllers;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A few of the seeds that {@code ./dev sim} runs thousands of, and those that once failed. */
class ClusterSimulationTest {

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 300216, 400143})
  void becomesWhatWasAskedForOnceTheFaultsStop(long seed) throws Exception {
    try (ClusterSimulation simulation = new ClusterSimulation(seed)) {
      simulation.run();
      assertThat(simulation.bindings()).isPositive();
    }
  }
}
