package dev.wherry.agent.metrics;

import java.util.Map;

/**
 * Text in Prometheus' exposition format, version 0.0.4. Samples of a family follow its head.
 * Confined to one thread.
 */
final class PrometheusText {
  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
  private final StringBuilder text = new StringBuilder(4096);
  private String family = "";

  /** What a family's values are. */
  enum Type {
    COUNTER,
    GAUGE
  }

  void family(String name, Type type, String help) {
    family = name;
    text.append("# HELP ").append(name).append(' ').append(help).append('\n');
    text.append("# TYPE ").append(name).append(' ');
    text.append(type == Type.COUNTER ? "counter" : "gauge").append('\n');
  }

  /** One of the family named last. */
  void sample(Map<String, String> labels, double value) {
    head(labels);
    number(value);
    text.append('\n');
  }

  /** As {@link #sample(Map, double)} with the time that the value is of. */
  void sample(Map<String, String> labels, double value, long epochMillis) {
    head(labels);
    number(value);
    text.append(' ').append(epochMillis).append('\n');
  }

  private void head(Map<String, String> labels) {
    text.append(family);
    if (!labels.isEmpty()) {
      char before = '{';
      for (Map.Entry<String, String> each : labels.entrySet()) {
        text.append(before).append(each.getKey()).append("=\"");
        text.append(escaped(each.getValue())).append('"');
        before = ',';
      }
      text.append('}');
    }
    text.append(' ');
  }

  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }

  private void number(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      text.append((long) value);
    } else {
      text.append(value);
    }
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
