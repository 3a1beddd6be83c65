package io.inferwatch.collector.discovery;

import static io.inferwatch.gpu.testing.MadeUpProc.loopback;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.inferwatch.collector.discovery.DiscoveryReport.PassedOver;
import io.inferwatch.collector.scrape.EngineProbe;
import io.inferwatch.collector.scrape.PageSource;
import io.inferwatch.collector.scrape.PageSource.Fetched;
import io.inferwatch.gpu.host.PortSearch;
import io.inferwatch.gpu.host.ProcFs;
import io.inferwatch.gpu.testing.MadeUpProc;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiscoveryTest {
    private static final String VLLM = """
            # TYPE vllm:num_requests_running gauge
            vllm:num_requests_running{model_name="m",engine="0"} 3
            """;

    private final MadeUpProc proc;
    private final Map<URI, String> served = new HashMap<>();
    private final List<String> asked = new ArrayList<>();
    private final Discovery discovery;
    private long nanos;

    DiscoveryTest(@TempDir Path root) {
        proc = new MadeUpProc(root);
        PageSource pages = address -> {
            asked.add(address.toString());
            String page = served.get(address);
            return page == null
                    ? new Fetched.Failed("answers 404 at /metrics", "")
                    : new Fetched.Got(page.getBytes(StandardCharsets.UTF_8), "text/plain");
        };
        discovery = new Discovery(new PortSearch(new ProcFs(root)), new EngineProbe(pages), () -> nanos);
    }

    private static URI at(int port) {
        return URI.create("http://127.0.0.1:" + port + "/metrics");
    }

    private List<String> names(Set<Integer> holders, Integer... configured) throws InterruptedException {
        return discovery.step(holders, Set.of(configured)).stream()
                .map(FoundServer::name)
                .toList();
    }

    private void passes(Duration time) {
        nanos += time.toNanos();
    }

    @Test
    void aServerIsFoundByTheGpuItsWorkerHolds_andNamedByEngineAndPort() throws InterruptedException {
        proc.begin(100, 1, "vllm", 500, loopback(8000));
        proc.begin(101, 100, "VLLM::Worker", 510);
        served.put(at(8000), VLLM);

        assertThat(discovery.step(Set.of(101), Set.of()))
                .containsExactly(new FoundServer("vllm-8000", 8000, at(8000), 100, 500, "vllm"));
        assertThat(discovery.report().gpuProcesses()).isEqualTo(1);
        assertThat(names(Set.of(101))).containsExactly("vllm-8000");
        assertThat(asked).as("found once, it is the scraper's").hasSize(1);
    }

    @Test
    void aServerLeaves_whenItsProcessIsGone_andComesBackByItsName() throws InterruptedException {
        proc.begin(100, 1, "vllm", 500, loopback(8000));
        served.put(at(8000), VLLM);
        assertThat(names(Set.of(100))).containsExactly("vllm-8000");

        served.clear();
        assertThat(names(Set.of(100))).as("it does not answer, and is there").containsExactly("vllm-8000");
        proc.end(100);
        assertThat(names(Set.of(100))).as("NVML looks every ten seconds only").isEmpty();
        served.put(at(8000), VLLM);
        proc.begin(200, 1, "vllm", 900, loopback(8000));
        assertThat(names(Set.of(200))).containsExactly("vllm-8000");
        assertThat(discovery.report().servers()).extracting(FoundServer::pid).containsExactly(200);
    }

    @Test
    void aPortThatIsNoPage_isAskedAgainSeldom_andAtOnceWhenItsProcessIsNew() throws InterruptedException {
        proc.begin(100, 1, "train", 500, loopback(29500));
        names(Set.of(100));
        names(Set.of(100));
        assertThat(asked).hasSize(1);
        assertThat(discovery.report().ports())
                .containsExactly(new PassedOver(29500, 100, "train", "answers 404 at /metrics"));

        passes(Duration.ofSeconds(61));
        names(Set.of(100));
        passes(Duration.ofSeconds(61));
        names(Set.of(100));
        assertThat(asked).as("after one minute, then after two").hasSize(2);
        for (int looks = 0; looks < 24 * 60; looks++) {
            passes(Duration.ofMinutes(1));
            names(Set.of(100));
        }
        assertThat(asked).as("once an hour in the end").hasSizeLessThan(34);

        asked.clear();
        proc.end(100);
        proc.begin(100, 1, "train", 900, loopback(29500));
        passes(Duration.ofSeconds(31));
        names(Set.of(100));
        assertThat(asked).hasSize(1);
    }

    @Test
    void portsWithinAnEngineAreLeftInPeace_whenTheServersOwnIsKnown() throws InterruptedException {
        proc.ephemeralPorts(32768, 60999);
        proc.begin(100, 1, "vllm", 500, loopback(8000), loopback(40001));
        proc.begin(101, 100, "VLLM::Worker", 510, loopback(40002));
        served.put(at(8000), VLLM);

        names(Set.of(101));
        names(Set.of(101));
        names(Set.of(101));

        assertThat(asked).containsExactly(at(8000).toString());
        assertThat(discovery.report().ports()).extracting(PassedOver::port).containsExactly(40001, 40002);
    }

    @Test
    void aServerAtAPortTheKernelGave_isFoundToo() throws InterruptedException {
        proc.ephemeralPorts(32768, 60999);
        proc.begin(100, 1, "python3", 500, loopback(40001));
        served.put(at(40001), VLLM);

        assertThat(names(Set.of(100))).containsExactly("vllm-40001");
    }

    @Test
    void twoServersOfOneShell_areBothFound() throws InterruptedException {
        proc.begin(50, 1, "bash", 10);
        proc.begin(100, 50, "vllm", 500, loopback(8000));
        proc.begin(200, 50, "llama-server", 600, loopback(8080));
        served.put(at(8000), VLLM);
        served.put(at(8080), "# TYPE llamacpp:requests_processing gauge\nllamacpp:requests_processing 1\n");

        assertThat(names(Set.of(100, 200))).containsExactly("vllm-8000", "llama.cpp-8080");
    }

    @Test
    void aConfiguredServerWins_beforeAndAfterItWasFound() throws InterruptedException {
        proc.begin(100, 1, "vllm", 500, loopback(8000));
        served.put(at(8000), VLLM);

        assertThat(names(Set.of(100), 8000)).isEmpty();
        assertThat(asked).isEmpty();
        assertThat(names(Set.of(100))).containsExactly("vllm-8000");
        assertThat(names(Set.of(100), 8000)).isEmpty();
        assertThat(discovery.report().ports())
                .extracting(PassedOver::port, PassedOver::reason)
                .containsExactly(tuple(8000, "a server or a proxy is configured there"));
    }

    @Test
    void itSaysWhatStandsInTheWay_whenNothingCanBeFound() throws InterruptedException {
        proc.begin(100, 1, "vllm", 500, "0500000A:1F40");

        assertThat(names(Set.of(100, 4711))).isEmpty();

        assertThat(discovery.report().hiddenProcesses())
                .as("of another PID namespace")
                .isEqualTo(1);
        assertThat(discovery.report().ports())
                .extracting(PassedOver::reason)
                .containsExactly("it is not open on the loopback interface; name the server under servers");
        assertThat(asked).isEmpty();
    }

    @Test
    void aStepAsksFewPorts_howeverManyThereAre() throws InterruptedException {
        String[] many = new String[300];
        for (int i = 0; i < many.length; i++) {
            many[i] = loopback(9000 + i);
        }
        proc.begin(100, 1, "zoo", 500, many);

        names(Set.of(100));
        assertThat(asked).hasSize(2);
        for (int steps = 0; steps < 200; steps++) {
            names(Set.of(100));
        }
        assertThat(asked).as("the first 256, each once").hasSize(256).doesNotHaveDuplicates();
    }
}
