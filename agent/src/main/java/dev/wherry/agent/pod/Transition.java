package dev.wherry.agent.pod;

import java.util.List;

/** The next state and what is to be done for it, in this order. */
public record Transition(PodState state, List<Effect> effects) {
  public Transition {
    effects = List.copyOf(effects);
  }
}
