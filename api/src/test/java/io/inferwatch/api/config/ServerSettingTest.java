package io.inferwatch.api.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.proxy.ProxyTarget;
import io.inferwatch.gpu.ServedGpus;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ServerSettingTest {
    private final List<String> problems = new ArrayList<>();

    private List<ServerSetting> read(String yaml) {
        return ServerSetting.read(ServerYaml.section(yaml), problems);
    }

    @Test
    void gpusOfAServerAreRead_listedByIndexAndUuidOrAuto() {
        List<ServerSetting> servers = read("""
                servers:
                  - {name: a, gpus: [0, GPU-b]}
                  - name: b
                """);

        assertThat(problems).isEmpty();
        assertThat(servers.get(0).served())
                .isEqualTo(new ServedGpus("a", OptionalInt.empty(), new ServedGpus.Gpus.Listed(Set.of("0", "GPU-b"))));
        assertThat(servers.get(1).gpus()).isEqualTo(new ServedGpus.Gpus.Auto());
    }

    @Test
    void portIsThatOfTheScrapedPage_orOfItsScheme() {
        assertThat(read("servers: [{name: a, scrape: \"http://127.0.0.1:8000/metrics\"}]")
                        .getFirst()
                        .served()
                        .port())
                .hasValue(8000);
        assertThat(read("servers: [{name: a, scrape: {url: \"https://x/metrics\", interval: 5s}}]")
                        .getFirst()
                        .served()
                        .port())
                .hasValue(443);
    }

    @Test
    void proxyIsOfTheSidecar_unlessItSaysOtherwise() {
        String proxy = "proxy: {listen: \"127.0.0.1:1\", upstream: \"http://a\", process: ";
        List<ServerSetting> servers = read("servers:\n  - {name: a, " + proxy + "own}}\n  - {name: b, " + proxy
                + "sidecar}}\n  - {name: c, " + proxy + "apart}}\n");
        assertThat(ServerList.proxies(servers, true))
                .extracting(ProxyTarget::server)
                .containsExactly("a");
        assertThat(ServerList.proxies(servers, false))
                .extracting(ProxyTarget::server)
                .containsExactly("b");
        assertThat(problems).singleElement().asString().contains("inferwatch.yml:4", "apart", "sidecar nor own");
    }

    @Test
    void serverAtAnAddressElsewhere_hasNoPortHere() {
        assertThat(read("servers: [{name: a, scrape: \"http://203.0.113.7:8000/metrics\"}]")
                        .getFirst()
                        .served()
                        .port())
                .isEmpty();
        assertThat(read("servers: [{name: a, scrape: \"http://[::1]:8000/metrics\"}]")
                        .getFirst()
                        .served()
                        .port())
                .hasValue(8000);
        assertThat(read("servers: [{name: a, scrape: \"http://vllm:8000/metrics\"}]")
                        .getFirst()
                        .served()
                        .port())
                .hasValue(8000);
    }

    @Test
    void whatIsWrongIsToldWithItsPlace_andWhatIsNotBuiltByName() {
        read("""
                servers:
                  - {name: a, gpu: [0]}
                  - {gpus: auto}
                  - {name: c, gpus: first}
                  - {name: d, gpus: [x]}
                  - {name: e, proxy: {listen: "127.0.0.1", upstream: "http://127.0.0.1:8000"}}
                  - {name: f, proxy: {listen: "127.0.0.1:1", upstream: "127.0.0.1:8000"}}
                  - {name: g, proxy: {listen: "127.0.0.1:1", upstream: "http://a", inject_usage: maybe}}
                """);

        assertThat(problems)
                .satisfiesExactly(
                        one -> assertThat(one).contains("inferwatch.yml:2", "servers.gpu", "did you mean \"gpus\"?"),
                        two -> assertThat(two).contains("inferwatch.yml:3", "needs a name"),
                        three -> assertThat(three).contains("inferwatch.yml:4", "auto, or a list"),
                        four -> assertThat(four).contains("inferwatch.yml:5", "\"x\"", "inferwatch gpus"),
                        five -> assertThat(five).contains("inferwatch.yml:6", "proxy.listen", "127.0.0.1:9478"),
                        six -> assertThat(six).contains("inferwatch.yml:7", "proxy.upstream"),
                        seven -> assertThat(seven)
                                .contains("inferwatch.yml:8", "inject_usage", "neither true nor false"));
    }
}
