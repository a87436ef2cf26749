package dev.wherry.master.controllers.endpoints;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.EndpointSliceView;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MirrorPlanTest {
  private static Obj endpoints(Obj labels, String... addresses) {
    List<Obj> ips = List.of(addresses).stream().map(each -> Obj.of("ip", each)).toList();
    return Obj.of(
        "metadata",
        Obj.of("namespace", "default", "name", "db", "uid", "u1", "labels", labels),
        "subsets",
        List.of(Obj.of("addresses", ips, "ports", List.of(Obj.of("port", 5432L)))));
  }

  @Test
  void makesASliceOfASubsetForEachFamily() {
    Obj labels = Obj.of("team", "one");
    MirrorPlan plan =
        MirrorPlan.plan(Optional.of(endpoints(labels, "192.0.2.5", "2001:db8::1")), List.of());
    assertThat(plan.create())
        .extracting(each -> Meta.of(each).name() + " " + each.string("addressType"))
        .containsExactly("db-mirror-0 IPv4", "db-mirror-0-ipv6 IPv6");
    EndpointSliceView six = new EndpointSliceView(plan.create().getLast());
    assertThat(six.endpoints()).hasSize(1);
    assertThat(six.endpoints().getFirst().addresses()).containsExactly("2001:db8::1");
    EndpointSliceView slice = new EndpointSliceView(plan.create().getFirst());
    assertThat(slice.meta().labels()).containsEntry("team", "one");
    assertThat(slice.serviceName()).isEqualTo("db");
    assertThat(slice.ports().getFirst().port()).isEqualTo(5432);
    assertThat(slice.endpoints()).hasSize(1);
    assertThat(slice.endpoints().getFirst().addresses()).containsExactly("192.0.2.5");
    assertThat(slice.endpoints().getFirst().ready()).isTrue();
  }

  @Test
  void planningAgainDoesNothingAndChangesFollow() {
    Obj before = endpoints(Obj.EMPTY, "192.0.2.5");
    List<Obj> made = MirrorPlan.plan(Optional.of(before), List.of()).create();
    MirrorPlan again = MirrorPlan.plan(Optional.of(before), made);
    assertThat(again).isEqualTo(new MirrorPlan(List.of(), List.of(), List.of()));
    MirrorPlan changed = MirrorPlan.plan(Optional.of(endpoints(Obj.EMPTY, "192.0.2.6")), made);
    assertThat(changed.update()).hasSize(1);
    Obj labelled = endpoints(Obj.of("team", "one"), "192.0.2.5");
    assertThat(MirrorPlan.plan(Optional.of(labelled), made).update()).hasSize(1);
    Obj other = endpoints(Obj.EMPTY, "2001:db8::1");
    MirrorPlan moved = MirrorPlan.plan(Optional.of(other), made);
    assertThat(moved.create()).hasSize(1);
    assertThat(moved.delete()).isEqualTo(made);
    assertThat(MirrorPlan.plan(Optional.empty(), made).delete()).hasSize(1);
  }

  @Test
  void leavesAloneWhatSaysSo() {
    Obj labels = Obj.of("endpointslice.kubernetes.io/skip-mirror", "true");
    assertThat(MirrorPlan.plan(Optional.of(endpoints(labels, "192.0.2.5")), List.of()).create())
        .isEmpty();
  }
}
