package dev.wherry.master.controllers;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.controllers.volume.VolumeController;
import dev.wherry.master.controllers.volume.VolumeDirectories;
import dev.wherry.master.reconcile.EventSink;
import dev.wherry.master.reconcile.SharedInformers;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.DeleteOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of volumes, without the controller that binds claims to them. */
class VolumesTest {
  private static final ObjectKey VOLUME = new ObjectKey("", "v");

  private final Timer timer = Timer.system();
  private final Cluster cluster = new Cluster(timer);
  private final SharedInformers shared = new SharedInformers(cluster.objects);
  private final VolumeController volumes =
      new VolumeController(
          cluster.objects, shared, VolumeDirectories.UNREACHABLE, EventSink.Recorder.SILENT, timer);

  @BeforeEach
  void start() {
    shared.start();
    volumes.start();
  }

  @AfterEach
  void stop() throws Exception {
    volumes.close();
    shared.close();
    cluster.close();
    timer.close();
  }

  private Obj claim() {
    return cluster.objects.create(
        GroupResource.PERSISTENT_VOLUME_CLAIMS,
        Cluster.json(
            """
            {'apiVersion':'v1','kind':'PersistentVolumeClaim',
             'metadata':{'name':'c','namespace':'default'},
             'spec':{'accessModes':['ReadWriteOnce'],'storageClassName':'local-path',
                     'resources':{'requests':{'storage':'1Mi'}}}}"""));
  }

  /** As it is between the making of a volume and the binding of its claim. */
  private void volumeFor(Obj claim) {
    cluster.objects.create(
        GroupResource.PERSISTENT_VOLUMES,
        Cluster.json(
            """
            {'apiVersion':'v1','kind':'PersistentVolume',
             'metadata':{'name':'v',
                         'annotations':{'pv.kubernetes.io/provisioned-by':'wherry.dev/local'}},
             'spec':{'capacity':{'storage':'1Mi'},'accessModes':['ReadWriteOnce'],
                     'persistentVolumeReclaimPolicy':'Delete','storageClassName':'local-path',
                     'claimRef':{'kind':'PersistentVolumeClaim','namespace':'default','name':'c',
                                 'apiVersion':'v1','uid':'%s'},
                     'hostPath':{'path':'/volumes/v'}}}"""
                .formatted(Meta.of(claim).uid())));
  }

  @Test
  void goWithAClaimThatWasNeverBoundToThem() {
    Obj claim = claim();
    volumeFor(claim);
    cluster.await(
        "the volume's phase",
        () ->
            cluster
                .find(GroupResource.PERSISTENT_VOLUMES, VOLUME)
                .filter(each -> each.obj("status").string("phase").equals("Available"))
                .isPresent());

    Obj unprotected = claim.change("metadata", meta -> meta.without("finalizers"));
    cluster.objects.update(GroupResource.PERSISTENT_VOLUME_CLAIMS, unprotected);
    cluster.objects.delete(
        GroupResource.PERSISTENT_VOLUME_CLAIMS, ObjectKey.of(claim), DeleteOptions.DEFAULT);

    cluster.await(
        "the volume's end", () -> cluster.find(GroupResource.PERSISTENT_VOLUMES, VOLUME).isEmpty());
  }
}
