package dev.wherry.agent.services;

import dev.wherry.agent.desired.DesiredState.Networks;
import dev.wherry.api.object.ObjectKey;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** What brings connections for services to their backends. Confined to the dataplane's thread. */
public interface Balancer extends AutoCloseable {

  /** Begins anew with these ranges: what is taken from now on is all there is. Does no I/O. */
  void begin(Networks networks);

  /** Takes in services as they are now, by their ports; one without any is gone. Does no I/O. */
  void take(Map<ObjectKey, List<ServicePort>> changed);

  /** Whether what an earlier process applied still balances. */
  boolean isInPlace() throws IOException, InterruptedException;

  /** Whether others have taken away what was applied; {@link #apply} puts it back then. */
  boolean isDisturbed() throws IOException, InterruptedException;

  /**
   * Has traffic balanced as it was taken in. Cheap where nothing has changed. After a failure it is
   * called again.
   */
  void apply() throws IOException, InterruptedException;

  /**
   * What went to each service that had any, since this began. May be asked on any thread; asks the
   * kernel.
   */
  Map<ObjectKey, ServiceCount> counts() throws IOException, InterruptedException;

  /** Ends this process's part. What the kernel holds stays. */
  @Override
  void close();
}
