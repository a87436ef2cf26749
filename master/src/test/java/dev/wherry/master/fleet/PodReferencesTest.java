package dev.wherry.master.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import org.junit.jupiter.api.Test;

class PodReferencesTest {

  @Test
  void findsEveryPlaceThatNamesAConfigMapOrSecret() {
    Obj pod =
        Samples.obj(
            """
            {'metadata':{'namespace':'ns','name':'p'},'spec':{
              'imagePullSecrets':[{'name':'pull'}],
              'initContainers':[{'envFrom':[{'configMapRef':{'name':'cm-from'}},
                                            {'secretRef':{'name':'s-from'}}]}],
              'containers':[{'env':[
                 {'name':'A','valueFrom':{'configMapKeyRef':{'name':'cm-key','key':'k'}}},
                 {'name':'B','valueFrom':{'secretKeyRef':{'name':'s-key','key':'k'}}},
                 {'name':'C','value':'plain'}]}],
              'ephemeralContainers':[{'envFrom':[{'configMapRef':{'name':'cm-debug'}}]}],
              'volumes':[{'name':'1','configMap':{'name':'cm-volume'}},
                 {'name':'2','secret':{'secretName':'s-volume'}},
                 {'name':'3','projected':{'sources':[{'configMap':{'name':'cm-projected'}},
                     {'secret':{'name':'s-projected'}},{'serviceAccountToken':{'path':'t'}}]}},
                 {'name':'4','csi':{'driver':'d','nodePublishSecretRef':{'name':'s-csi'}}},
                 {'name':'5','emptyDir':{}}]}}""");
    assertThat(PodReferences.of(pod))
        .extracting(need -> need.kind().plural() + "/" + need.key())
        .containsExactlyInAnyOrder(
            "secrets/ns/pull",
            "configmaps/ns/cm-from",
            "secrets/ns/s-from",
            "configmaps/ns/cm-key",
            "secrets/ns/s-key",
            "configmaps/ns/cm-debug",
            "configmaps/ns/cm-volume",
            "secrets/ns/s-volume",
            "configmaps/ns/cm-projected",
            "secrets/ns/s-projected",
            "secrets/ns/s-csi");
  }
}
