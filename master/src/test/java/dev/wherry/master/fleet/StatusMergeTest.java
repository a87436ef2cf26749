package dev.wherry.master.fleet;

import static dev.wherry.master.fleet.Samples.obj;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import org.junit.jupiter.api.Test;

class StatusMergeTest {

  @Test
  void keepsConditionsOfOthers() {
    Obj pod =
        obj(
            """
            {'status':{'phase':'Pending','qosClass':'Burstable','conditions':[
              {'type':'PodScheduled','status':'True'},{'type':'Ready','status':'False'}]}}""");
    Obj reported =
        obj(
            """
            {'phase':'Running','conditions':[{'type':'Ready','status':'True'},
              {'type':'Initialized','status':'True'},{'type':'PodScheduled','status':'False'}]}""");
    assertThat(StatusMerge.pod(pod, reported).orElseThrow().obj("status"))
        .isEqualTo(
            obj(
                """
                {'phase':'Running','qosClass':'Burstable','conditions':[
                  {'type':'PodScheduled','status':'True'},{'type':'Ready','status':'True'},
                  {'type':'Initialized','status':'True'}]}"""));
  }

  @Test
  void sayingTheSameAgainWritesNothing() {
    Obj pod = obj("{'status':{'phase':'Pending'}}");
    Obj reported = obj("{'phase':'Running','conditions':[{'type':'Ready','status':'True'}]}");
    Obj once = StatusMerge.pod(pod, reported).orElseThrow();
    assertThat(StatusMerge.pod(once, reported)).isEmpty();
  }

  @Test
  void anEndedPodDoesNotComeBack() {
    Obj pod = obj("{'status':{'phase':'Failed','reason':'Evicted'}}");
    assertThat(StatusMerge.pod(pod, obj("{'phase':'Running'}"))).isEmpty();
  }

  @Test
  void heartbeatTimesAreNoMeaning() {
    Obj node =
        obj(
            """
            {'status':{'conditions':[{'type':'Ready','status':'True','lastHeartbeatTime':'1'},
              {'type':'KernelDeadlock','status':'False'}]}}""");
    Obj again = obj("{'conditions':[{'type':'Ready','status':'True','lastHeartbeatTime':'2'}]}");
    assertThat(StatusMerge.node(node, again)).isEmpty();
    Obj worse = obj("{'conditions':[{'type':'Ready','status':'False','lastHeartbeatTime':'2'}]}");
    assertThat(StatusMerge.node(node, worse).orElseThrow().obj("status").objs("conditions"))
        .extracting(condition -> condition.string("type") + condition.string("status"))
        .containsExactly("ReadyFalse", "KernelDeadlockFalse");
  }

  @Test
  void keepsResourcesThatOthersAdvertise() {
    Obj node =
        obj(
            """
            {'metadata':{'managedFields':[
               {'manager':'kubelet','subresource':'status','fieldsV1':{'f:status':{'f:capacity':
                 {'f:cpu':{},'f:example.com/withdrawn':{}},
                 'f:allocatable':{'f:example.com/dongle':{}}}}},
               {'manager':'kubectl','subresource':'status','fieldsV1':{'f:status':{'f:capacity':
                 {'f:example.com/dongle':{}}}}}]},
             'status':{'capacity':{'cpu':'2','example.com/withdrawn':'1','example.com/dongle':'4'},
               'allocatable':{'cpu':'1','example.com/removed':'3'}}}""");
    Obj reported = obj("{'capacity':{'cpu':'4'},'allocatable':{'cpu':'3'}}");
    Obj merged = StatusMerge.node(node, reported).orElseThrow();
    assertThat(merged.obj("status").without("conditions"))
        .isEqualTo(
            obj(
                """
                {'capacity':{'cpu':'4','example.com/dongle':'4'},
                 'allocatable':{'cpu':'3','example.com/dongle':'4'}}"""));
    assertThat(StatusMerge.node(merged, reported)).isEmpty();
  }
}
