package dev.wherry.agent.usage;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OomKillsTest {
  private static final String LOG =
      """
      [  1.2] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,\
      oom_memcg=/w/kubepods/burstable/podu,task_memcg=/w/kubepods/burstable/podu/libpod-abc,task=sh,pid=9,uid=0
      [  1.3] Memory cgroup out of memory: Killed process 9 (def)
      """;

  @Test
  void findsTheContainerByItsGroup() {
    assertThat(OomKills.names(LOG, "abc")).isTrue();
    assertThat(OomKills.names(LOG, "def")).isFalse();
    assertThat(OomKills.names("", "abc")).isFalse();
  }
}
