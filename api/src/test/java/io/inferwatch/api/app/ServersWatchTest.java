package io.inferwatch.api.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.api.config.ServerList;
import io.inferwatch.api.config.ServerSetting;
import io.inferwatch.api.config.ServerYaml;
import io.inferwatch.collector.discovery.FoundServer;
import io.inferwatch.collector.scrape.ScrapeTarget;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServersWatchTest {
    private final List<List<ServerSetting>> told = new ArrayList<>();
    private final ServersWatch watch = new ServersWatch(
            ServerList.read(ServerYaml.section("""
                            servers:
                              - {name: vllm-8001, scrape: "http://127.0.0.1:8000/metrics"}
                              - {name: apart, proxy: {listen: "127.0.0.1:9478", upstream: "http://127.0.0.1:8500"}}
                              - {name: elsewhere, scrape: "http://192.0.2.7:8700/metrics"}
                            """), new ArrayList<>()), (all, problems) -> told.add(List.copyOf(all)));

    private static FoundServer found(int port) {
        return new FoundServer(
                "vllm-" + port, port, URI.create("http://127.0.0.1:" + port + "/metrics"), 100, 5, "vllm");
    }

    private List<String> names() {
        return told.getLast().stream().map(ServerSetting::name).toList();
    }

    @Test
    void whatIsFoundIsReadLikeAnyServer_andIsNobodysAgainWhenItLeft() throws InterruptedException {
        watch.start();
        watch.found(List.of(found(9000)));

        assertThat(names()).containsExactly("vllm-8001", "apart", "elsewhere", "vllm-9000");
        assertThat(told.getLast().getLast().scrape())
                .contains(new ScrapeTarget(
                        "vllm-9000", URI.create("http://127.0.0.1:9000/metrics"), ScrapeTarget.DEFAULT_INTERVAL));
        assertThat(watch.isKnown("vllm-9000")).isTrue();
        assertThat(watch.discovered()).containsExactly("vllm-9000");
        watch.found(List.of(found(9000)));
        assertThat(told).as("nothing new").hasSize(2);

        watch.found(List.of());
        assertThat(names()).containsExactly("vllm-8001", "apart", "elsewhere");
        assertThat(watch.isKnown("vllm-9000")).isFalse();
    }

    @Test
    void whatIsConfiguredWins_byItsAddressAndByItsName() throws InterruptedException {
        watch.start();
        assertThat(watch.configuredPorts()).containsExactlyInAnyOrder(8000, 8500, 9478);

        watch.found(List.of(found(8000), found(8001), found(8500)));

        assertThat(names()).containsExactly("vllm-8001", "apart", "elsewhere", "vllm-8001-found");
        assertThat(watch.discovered()).containsExactly("vllm-8001-found");
    }
}
