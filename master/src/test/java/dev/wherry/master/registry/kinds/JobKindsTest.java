package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.changes;
import static dev.wherry.master.registry.kinds.Manifests.defaulted;
import static dev.wherry.master.registry.kinds.Manifests.json;
import static dev.wherry.master.registry.kinds.Manifests.kind;
import static dev.wherry.master.registry.kinds.Manifests.newComplaints;
import static dev.wherry.master.registry.kinds.Manifests.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Strategy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Jobs and cron jobs of which one field is bad, or just good enough, and what may change. */
class JobKindsTest {
  private static final String JOB =
      """
      {'metadata':{'name':'x','namespace':'default'},
       'spec':{'template':{'metadata':{},'spec':{'restartPolicy':'Never',
         'containers':[{'name':'c','image':'i:1'}]}}}}""";
  private static final String INDEXED =
      JOB.replace(
          "'spec':{'template'", "'spec':{'completionMode':'Indexed','completions':4,'template'");
  private static final String CRON =
      """
      {'metadata':{'name':'x','namespace':'default'},
       'spec':{'schedule':'* * * * *','jobTemplate':{'spec':{'template':{'spec':{
         'restartPolicy':'Never','containers':[{'name':'c','image':'i:1'}]}}}}}}""";

  private static void check(
      String resource, String object, String path, String value, String complaint) {
    assertThat(String.join("; ", newComplaints(kind(resource), with(object, path, value))))
        .isEqualTo(complaint);
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          spec/completionMode | 'Some' | spec.completionMode: Unsupported value: "Some": supported values: "NonIndexed", "Indexed"
          spec/podReplacementPolicy | 'Some' | spec.podReplacementPolicy: Unsupported value: "Some": supported values: "Failed", "TerminatingOrFailed"
          spec/parallelism | -1 | spec.parallelism: Invalid value: -1: must be greater than or equal to 0
          spec/ttlSecondsAfterFinished | -1 | spec.ttlSecondsAfterFinished: Invalid value: -1: must be greater than or equal to 0
          spec/activeDeadlineSeconds | 0 | ^^
          spec/backoffLimitPerIndex | 1 | spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode
          spec/successPolicy | {'rules':[{'succeededCount':1}]} | spec.successPolicy: Invalid value: {"rules":[{"succeededCount":1}]}: requires indexed completion mode
          spec/podFailurePolicy | {'rules':[{'onPodConditions':[{'type':'A'}]}]} | spec.podFailurePolicy.rules[0].action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]
          spec/podFailurePolicy | {'rules':[{'action':'Count','onExitCodes':{'values':[1]}}]} | spec.podFailurePolicy.rules[0].onExitCodes.operator: Required value: valid values: ["In" "NotIn"]
          spec/podFailurePolicy | {'rules':[{'action':'Count','onExitCodes':{'operator':'Some','values':[1]}}]} | spec.podFailurePolicy.rules[0].onExitCodes.operator: Unsupported value: "Some": supported values: "In", "NotIn"
          spec/podFailurePolicy | {'rules':[{'action':'Count','onExitCodes':{'operator':'NotIn','values':[]}}]} | spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: []: at least one value is required
          spec/podFailurePolicy | {'rules':[{'action':'Count','onExitCodes':{'operator':'NotIn','containerName':'z','values':[1]}}]} | spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: "z": must be one of the container or initContainer names in the pod template
          spec/podFailurePolicy | {'rules':[{'action':'FailIndex','onPodConditions':[{'type':'A'}]}]} | spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set
          spec/podFailurePolicy | {'rules':[{'action':'Count','onPodConditions':[{'type':'A','status':'Some'}]}]} | spec.podFailurePolicy.rules[0].onPodConditions[0].status: Unsupported value: "Some": supported values: "False", "True", "Unknown"
          spec/managedBy | 'a.example/b' | ^^
          spec/managedBy | '' | spec.managedBy: Required value
          spec/managedBy | 'a' | spec.managedBy: Invalid value: "a": must be a domain-prefixed path (such as "acme.io/foo")
          spec/managedBy | 'A/b' | spec.managedBy: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
          spec/managedBy | 'a/b c' | spec.managedBy: Invalid value: "b c": Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')
          """)
  void checksJobs(String path, String value, String complaint) {
    check("jobs.batch", JOB, path, value, complaint);
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          spec/parallelism | 100001 | spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed
          metadata/name | 'a.b' | metadata.name: Invalid value: "a.b": will not able to create pod with invalid DNS label: a.b-3
          spec/successPolicy | {'rules':[]} | spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is specified
          spec/successPolicy | {'rules':[{'succeededCount':5}]} | spec.successPolicy.rules[0].succeededCount: Invalid value: 5: must be less than or equal to 4 (the number of specified completions)
          spec/successPolicy | {'rules':[{'succeededCount':1,'succeededIndexes':''}]} | spec.successPolicy.rules[0].succeededCount: Invalid value: 1: must be less than or equal to 0 (the number of indexes in the specified succeededIndexes field)
          spec/successPolicy | {'rules':[{'succeededIndexes':'0,2-3'}]} | ^^
          spec/backoffLimitPerIndex | 1 | ^^
          """)
  void checksIndexedJobs(String path, String value, String complaint) {
    check("jobs.batch", INDEXED, path, value, complaint);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "TerminatingOrFailed,spec.podReplacementPolicy: Unsupported value: \"TerminatingOrFailed\":"
        + " supported values: \"Failed\"",
    "Some,spec.podReplacementPolicy: Unsupported value: \"Some\": supported values: \"Failed\"",
    "Failed,''"
  })
  void replacesFailedPodsAloneUnderAFailurePolicy(String policy, String complaint) {
    String job =
        JOB.replace("'spec':{'template'", "'spec':{'podFailurePolicy':{'rules':[]},'template'");
    check("jobs.batch", job, "spec/podReplacementPolicy", "'" + policy + "'", complaint);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "jobs.batch,{},spec",
    "cronjobs.batch,{'schedule':'* * * * *'},spec.jobTemplate.spec"
  })
  void missesTheContainersOfATemplateThatLacks(String resource, String spec, String path) {
    Obj object = json("{'metadata':{'name':'x'},'spec':" + spec + "}");
    assertThat(newComplaints(kind(resource), object))
        .containsExactly(
            path + ".template.spec.containers: Required value",
            path
                + ".template.spec.restartPolicy: Required value: valid values: \"OnFailure\","
                + " \"Never\"");
  }

  @Test
  void missesTheLabelsOfAJobThatSelectsByItsUid() {
    Obj job = with(JOB, "metadata/uid", "'u'");
    Strategy jobs = kind("jobs.batch").strategy();
    Obj made = jobs.beforeCreate(defaulted(kind("jobs.batch"), job));
    assertThat(newComplaints(kind("jobs.batch"), made)).isEmpty();
    Obj unlabelled =
        made.withAt(
            made.at("spec", "template", "metadata", "labels").without("job-name"),
            "spec",
            "template",
            "metadata",
            "labels");
    assertThat(newComplaints(kind("jobs.batch"), unlabelled))
        .containsExactly("spec.template.metadata.labels[job-name]: Required value: must be 'x'");
  }

  @ParameterizedTest(name = "{0} {1} of {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          spec/template/spec/nodeSelector | {'a':'b'} | {} | yes
          spec/template/spec/tolerations | [{'key':'k'}] | {} | yes
          spec/template/spec/schedulingGates | [{'name':'g'}] | {} | yes
          spec/template/spec/affinity | {'nodeAffinity':{}} | {} | yes
          spec/template/spec/affinity | {'podAffinity':{}} | {} | no
          spec/template/metadata/labels | {'a':'b'} | {} | yes
          spec/template/metadata/annotations | {'a':'b'} | {} | yes
          spec/template/spec/containers/0/resources | {'requests':{'cpu':'1'}} | {} | yes
          spec/template/spec/containers/0/image | 'i:2' | {} | no
          spec/template/spec/nodeSelector | {'a':'b'} | {'startTime':'2026-01-01T00:00:00Z'} | no
          spec/template/spec/nodeSelector | {'a':'b'} | {'startTime':'2026-01-01T00:00:00Z','conditions':[{'type':'Suspended','status':'True'}]} | yes
          spec/template/spec/containers/0/resources | {'requests':{'cpu':'1'}} | {'startTime':'2026-01-01T00:00:00Z','conditions':[{'type':'Suspended','status':'True'}]} | yes
          spec/template/spec/nodeSelector | {'a':'b'} | {'startTime':'2026-01-01T00:00:00Z','conditions':[{'type':'Suspended','status':'False'}]} | no
          spec/template/spec/nodeSelector | {'a':'b'} | {'active':1} | no
          """)
  void letsASuspendedJobWithoutPodsChangeWhereItRuns(
      String path, String value, String status, String allowed) {
    String suspended = JOB.replace("'spec':{'template'", "'spec':{'suspend':true,'template'");
    Obj before = json(suspended).with("status", json(status));
    Obj after = with(suspended, path, value);
    assertThat(changes(kind("jobs.batch"), before, after).isEmpty())
        .isEqualTo(allowed.equals("yes"));
    Obj running = before.withAt(false, "spec", "suspend");
    assertThat(changes(kind("jobs.batch"), running, after))
        .singleElement()
        .asString()
        .startsWith("spec.template: Invalid value: ")
        .endsWith(": field is immutable");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "'{}',startTime cannot be removed for unsuspended job",
    "{'startTime':'2026-01-02T00:00:00Z'},startTime cannot be modified for unsuspended job"
  })
  void keepsTheStartOfARunningJob(String status, String detail) {
    Obj before = json(JOB).with("status", json("{'startTime':'2026-01-01T00:00:00Z'}"));
    Causes causes = new Causes();
    kind("jobs.batch")
        .strategy()
        .checkStatusUpdate(before.with("status", json(status)), before, causes);
    assertThat(causes.list().toString()).contains("status.startTime: Required value: " + detail);
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          spec/schedule | '' | spec.schedule: Required value
          spec/schedule | '61 * * * *' | spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61
          spec/schedule | 'x * * * *' | spec.schedule: Invalid value: "x * * * *": failed to parse int from x: strconv.Atoi: parsing \\"x\\": invalid syntax
          spec/schedule | 'TZ=UTC * * * * *' | spec.schedule: Invalid value: "TZ=UTC * * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead
          spec/schedule | 'CRON_TZ=No/Where * * * * *' | spec.schedule: Invalid value: "CRON_TZ=No/Where * * * * *": provided bad location No/Where: unknown time zone No/Where; spec.schedule: Invalid value: "CRON_TZ=No/Where * * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead
          spec/schedule | '@hourly' | ^^
          spec/schedule | '0 9 ? * MON-FRI' | ^^
          spec/timeZone | '' | spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string
          spec/timeZone | 'UTC+1' | spec.timeZone: Invalid value: "UTC+1": unknown time zone UTC+1
          spec/timeZone | 'local' | spec.timeZone: Invalid value: "local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones; spec.timeZone: Invalid value: "local": unknown time zone local
          spec/timeZone | 'Etc/UTC' | ^^
          spec/startingDeadlineSeconds | -1 | spec.startingDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0
          spec/successfulJobsHistoryLimit | -1 | spec.successfulJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0
          spec/failedJobsHistoryLimit | -1 | spec.failedJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0
          spec/jobTemplate/spec/manualSelector | true | spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"
          spec/jobTemplate/spec/template/spec/restartPolicy | 'Always' | spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"
          spec/jobTemplate/spec/parallelism | -1 | spec.jobTemplate.spec.parallelism: Invalid value: -1: must be greater than or equal to 0
          metadata/name | 'a23456789-123456789-123456789-123456789-123456789-12' | ^^
          metadata/name | 'a23456789-123456789-123456789-123456789-123456789-123' | metadata.name: Invalid value: "a23456789-123456789-123456789-123456789-123456789-123": must be no more than 52 characters
          """)
  void checksCronJobs(String path, String value, String complaint) {
    check("cronjobs.batch", CRON, path, value, complaint.replace("\\", ""));
  }

  @Test
  void fillsTheJobTemplateOnlyWhereItsPodsAreSpokenOf() {
    Obj cron =
        with(
            CRON,
            "spec/jobTemplate/spec/podFailurePolicy",
            "{'rules':[{'action':'Ignore','onPodConditions':[{'type':'DisruptionTarget'}]}]}");
    Obj job = defaulted(kind("cronjobs.batch"), cron).at("spec", "jobTemplate", "spec");
    assertThat(job.obj("podFailurePolicy").objs("rules").getFirst().objs("onPodConditions"))
        .containsExactly(json("{'type':'DisruptionTarget','status':'True'}"));
    assertThat(job.has("completionMode")).isFalse();
    assertThat(job.at("template", "spec").string("dnsPolicy")).isEqualTo("ClusterFirst");
  }
}
