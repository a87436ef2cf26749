/** What node and containers consume, in the words of Prometheus and of kubelet's summary. */
@NullMarked
package dev.wherry.agent.metrics;

import org.jspecify.annotations.NullMarked;
