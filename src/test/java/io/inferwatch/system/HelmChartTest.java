package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import io.inferwatch.system.support.Launcher;
import io.inferwatch.system.support.Manifests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The chart, rendered by Helm and held against the types of the Kubernetes API and against the program; and the example of a
 * pod beside a model server. Not run: an installation into a cluster.
 */
class HelmChartTest {
    private static final Path CHART = Launcher.root().resolve("deploy/helm/inferwatch");
    /** The oldest that the chart takes. */
    private static final String KUBERNETES = "1.25.0";

    private static final String EXPOSED = "api: {expose: true}\ntls: {secretName: t}\ntokens: {secretName: k}\n";
    private static final String ALL_ON = EXPOSED + """
            gpus: {byMount: true}
            receivers: {secretName: r}
            serviceMonitor: {enabled: true, labels: {release: prometheus}}
            rules: |
              version: 1
              include: [builtin]
            config: {servers: [{name: llama, scrape: "http://127.0.0.1:8000/metrics"}]}
            imagePullSecrets: [{name: pull}]
            nodeSelector: {nvidia.com/gpu.present: "true"}
            affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: gpu, operator: Exists}]}]}}}
            priorityClassName: system-node-critical
            podAnnotations: {example.com/a: b}
            podLabels: {example.com/team: serving}
            extraEnv: [{name: SLACK_BOT_TOKEN, valueFrom: {secretKeyRef: {name: slack, key: token}}}]
            """;

    @TempDir
    Path folder;

    @BeforeAll
    static void helmIsHere() {
        Assumptions.assumeTrue(
                System.getProperty("os.name").equals("Linux")
                        && System.getProperty("os.arch").equals("amd64"),
                "not run: Helm as a library is taken for Linux on amd64 only");
    }

    @Test
    void lintFindsNothing() {
        LintResult result = new Helm(CHART).lint().strict().call();
        assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ALL_ON,
                "gpus: {enabled: false}\ndata: {hostPath: ''}\n",
                "gpus: {runtimeClassName: ''}\ndata: {initChown: false}\nserviceMonitor: {enabled: true, nativeHistograms: false}\n"
            })
    void whatIsRendered_fitsTheApi_andTheProgram(String values) throws IOException {
        Manifests rendered = render(values);

        assertThat(rendered.problems()).isEmpty();
        assertNamesMeet(rendered);
        assertTaken(rendered.one("ConfigMap"));
    }

    @Test
    void theExampleBesideAServer_fitsTheApi_andTheProgram() throws IOException {
        Manifests example = Manifests.of(Files.readString(Launcher.root().resolve("deploy/kubernetes/sidecar.yaml")));

        assertThat(example.problems()).isEmpty();
        assertTaken(example.one("ConfigMap"));
        JsonNode pod = example.one("Deployment").at("/spec/template/spec");
        assertPodIsWhole(pod);
    }

    @Test
    void aFieldThatTheApiLacks_isNoticed() throws IOException {
        String twisted = rendered("").replace("terminationGracePeriodSeconds", "terminationGracePeriodSecs");
        assertThat(Manifests.of(twisted).problems())
                .singleElement()
                .asString()
                .contains("terminationGracePeriodSecs", "not defined");
    }

    @Test
    void everyChangeOfTheConfiguration_makesNewPods() throws IOException {
        String pods = "/spec/template/metadata/annotations/checksum~1config";
        assertThat(render("config: {gpu: {enabled: 'true'}}").one("DaemonSet").at(pods))
                .isNotEqualTo(render("").one("DaemonSet").at(pods));
    }

    @Test
    void anOpenApiInPlainText_isRefused() {
        assertThatThrownBy(() -> rendered("api: {expose: true}\n")).hasMessageContaining("tls.secretName");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpu: {enabled: false}", "gpus: {enabled: 'no'}", "data: {hostPath: data}", "config: []"})
    void aValueThatTheChartDoesNotKnow_isRefused(String values) {
        assertThatThrownBy(() -> rendered(values)).hasMessageContaining("values");
    }

    /** Labels select, ports and volumes have the names they are asked for by. */
    private static void assertNamesMeet(Manifests rendered) {
        JsonNode template = rendered.one("DaemonSet").at("/spec/template");
        JsonNode service = rendered.one("Service").path("spec");
        assertPodIsWhole(template.path("spec"));
        for (JsonNode selector :
                List.of(service.path("selector"), rendered.one("DaemonSet").at("/spec/selector/matchLabels"))) {
            selector.properties()
                    .forEach(label -> assertThat(template.at("/metadata/labels").path(label.getKey()))
                            .isEqualTo(label.getValue()));
        }
        assertThat(texts(template.at("/spec/containers/0/ports"), "name"))
                .containsAll(texts(service.path("ports"), "targetPort"));
        if (rendered.kinds().contains("ServiceMonitor")) {
            JsonNode monitor = rendered.one("ServiceMonitor").path("spec");
            assertThat(texts(service.path("ports"), "name")).containsAll(texts(monitor.path("endpoints"), "port"));
            assertThat(rendered.one("Service").at("/metadata/labels").properties())
                    .containsAll(monitor.at("/selector/matchLabels").properties());
        }
    }

    private static void assertPodIsWhole(JsonNode pod) {
        List<String> volumes = texts(pod.path("volumes"), "name");
        for (JsonNode container : pod.path("containers")) {
            List<String> ports = texts(container.path("ports"), "name");
            assertThat(volumes).containsAll(texts(container.path("volumeMounts"), "name"));
            for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
                JsonNode get = container.path(probe).path("httpGet");
                if (!get.isMissingNode()) {
                    assertThat(ports).as(probe).contains(get.path("port").asText());
                    assertThat(get.path("path").asText()).as(probe).isIn("/health/live", "/health/ready");
                }
            }
        }
        assertThat(pod.path("enableServiceLinks").asBoolean(true))
                .as("Kubernetes would set INFERWATCH_… to what is no setting")
                .isFalse();
    }

    /** The program reads what its container would find at {@code /etc/inferwatch}. */
    private void assertTaken(JsonNode configMap) throws IOException {
        for (Map.Entry<String, JsonNode> file : configMap.path("data").properties()) {
            Path written = Files.writeString(
                    folder.resolve(file.getKey()), file.getValue().asText());
            Launcher.Ended check = Launcher.run(folder, Map.of(), "check", written.toString());
            assertThat(check.exitCode()).as(check.all()).isZero();
        }
    }

    private Manifests render(String values) throws IOException {
        return Manifests.of(rendered(values));
    }

    private String rendered(String values) throws IOException {
        TemplateCommand template = new Helm(CHART)
                .template()
                .withName("watch")
                .withNamespace("serving")
                .withKubeVersion(KUBERNETES);
        return template.withValuesFile(Files.writeString(folder.resolve("values.yaml"), values))
                .call();
    }

    private static List<String> texts(JsonNode list, String field) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(each -> each.path(field).asText())
                .toList();
    }
}
