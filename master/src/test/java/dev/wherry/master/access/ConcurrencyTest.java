package dev.wherry.master.access;

import static dev.wherry.api.object.GroupResource.CONFIG_MAPS;
import static dev.wherry.api.object.GroupResource.SERVICES;
import static dev.wherry.master.access.TestCluster.configMap;
import static dev.wherry.master.access.TestCluster.json;
import static dev.wherry.master.access.TestCluster.key;
import static dev.wherry.master.access.TestCluster.service;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.Patch;
import dev.wherry.master.registry.WriteOptions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConcurrencyTest {
  private static final int WRITERS = 8;

  private final TestCluster cluster = new TestCluster();
  private final ObjectAccess objects = cluster.objects;

  @AfterEach
  void close() throws Exception {
    cluster.close();
  }

  private static void inParallel(List<Callable<Void>> tasks) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Void> done : threads.invokeAll(tasks)) {
        done.get();
      }
    }
  }

  @Test
  void noUpdateIsLostWhenEachComparesAndSets() throws Exception {
    objects.create(CONFIG_MAPS, configMap("counter").withAt("0", "data", "a"));
    int each = 25;
    List<Callable<Void>> tasks = new ArrayList<>();
    for (int w = 0; w < WRITERS; w++) {
      tasks.add(
          () -> {
            for (int i = 0; i < each; i++) {
              increment();
            }
            return null;
          });
    }
    inParallel(tasks);
    assertThat(cluster.get(CONFIG_MAPS, "counter").obj("data").string("a"))
        .isEqualTo("" + WRITERS * each);
  }

  private void increment() {
    while (true) {
      Obj now = cluster.get(CONFIG_MAPS, "counter");
      int value = Integer.parseInt(now.obj("data").string("a"));
      try {
        objects.update(CONFIG_MAPS, now.withAt("" + (value + 1), "data", "a"));
        return;
      } catch (StatusException e) {
        assertThat(e.reason()).isEqualTo(Reason.CONFLICT);
      }
    }
  }

  @Test
  void patchesOfManyAllApply() throws Exception {
    objects.create(CONFIG_MAPS, configMap("shared"));
    List<Callable<Void>> tasks = new ArrayList<>();
    for (int w = 0; w < WRITERS; w++) {
      int writer = w;
      tasks.add(
          () -> {
            for (int i = 0; i < 10; i++) {
              objects.patch(
                  CONFIG_MAPS,
                  key("shared"),
                  "",
                  new Patch(Patch.Kind.MERGE, json("{'data':{'k%s-%s':'x'}}".formatted(writer, i))),
                  WriteOptions.DEFAULT);
            }
            return null;
          });
    }
    inParallel(tasks);
    assertThat(cluster.get(CONFIG_MAPS, "shared").obj("data").size()).isEqualTo(1 + WRITERS * 10);
  }

  @Test
  void noAddressOrNodePortIsEverHeldTwice() throws Exception {
    List<Callable<Void>> tasks = new ArrayList<>();
    for (int w = 0; w < WRITERS; w++) {
      int writer = w;
      tasks.add(
          () -> {
            churn(writer, new Random(writer));
            return null;
          });
    }
    inParallel(tasks);
    Set<String> addresses = new HashSet<>();
    Set<Long> ports = new HashSet<>();
    for (Obj service : objects.list(SERVICES, "", ListOptions.ALL).items()) {
      assertThat(addresses.add(service.obj("spec").string("clusterIP"))).isTrue();
      for (Obj port : service.obj("spec").objs("ports")) {
        long nodePort = port.number("nodePort", 0);
        assertThat(nodePort == 0 || ports.add(nodePort)).as("node port %s", nodePort).isTrue();
      }
    }
  }

  /** Creates, changes and deletes services, often with the node port that others want as well. */
  private void churn(int writer, Random random) {
    for (int i = 0; i < 30; i++) {
      String name = "s" + writer + "-" + random.nextInt(5);
      try {
        switch (random.nextInt(4)) {
          case 0 -> objects.create(SERVICES, service(name));
          case 1 -> objects.delete(SERVICES, key(name), DeleteOptions.DEFAULT);
          case 2 -> {
            long wanted = 30000 + random.nextInt(4);
            objects.patch(
                SERVICES,
                key(name),
                "",
                new Patch(
                    Patch.Kind.STRATEGIC,
                    json("{'spec':{'ports':[{'port':80,'nodePort':%d}]}}".formatted(wanted))),
                WriteOptions.DEFAULT);
          }
          default -> objects.create(SERVICES, service(name + "x"));
        }
      } catch (StatusException e) {
        assertThat(e.reason())
            .as(e.getMessage())
            .isIn(Reason.NOT_FOUND, Reason.ALREADY_EXISTS, Reason.INVALID);
      }
    }
  }
}
