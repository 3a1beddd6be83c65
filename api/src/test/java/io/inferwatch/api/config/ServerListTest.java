package io.inferwatch.api.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.scrape.ScrapeTarget;
import io.inferwatch.gpu.ServedGpus;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerListTest {
    private final List<String> problems = new ArrayList<>();

    private ServerList read(String yaml) {
        return ServerList.read(ServerYaml.section(yaml), problems);
    }

    @Test
    void aServerIsRead_shortAndLong_andOneWithoutAPageIsNone() {
        ServerList settings = read("""
                servers:
                  - {name: a, scrape: "http://127.0.0.1:8000/metrics"}
                  - {name: b, scrape: {url: "https://b/metrics", interval: 2s}}
                  - {name: c, gpus: [0]}
                """);
        assertThat(problems).isEmpty();
        assertThat(settings.written())
                .extracting(ServerSetting::scrape)
                .containsExactly(
                        Optional.of(new ScrapeTarget(
                                "a", URI.create("http://127.0.0.1:8000/metrics"), Duration.ofSeconds(5))),
                        Optional.of(new ScrapeTarget("b", URI.create("https://b/metrics"), Duration.ofSeconds(2))),
                        Optional.empty());
    }

    @Test
    void whatIsWrong_isToldWithItsPlaceAndTheRemedy() {
        ServerList settings = read("""
                servers:
                  - {name: a, scrape: {uri: "http://h/m"}}
                  - {name: b, scrape: "not an address"}
                  - {name: c, scrape: {url: "http://h/m", interval: 1h}}
                  - {name: d, scrape: "http://h/m"}
                  - {name: d, scrape: "http://i/m"}
                """);
        assertThat(settings.now(problems)).extracting(ServerSetting::name).containsExactly("d");
        assertThat(problems)
                .satisfiesExactly(
                        one -> assertThat(one).contains("inferwatch.yml:2", "did you mean \"url\"?"),
                        two -> assertThat(two).contains("inferwatch.yml:2", "\"\" is no address"),
                        three -> assertThat(three).contains("inferwatch.yml:3", "\"not an address\" is no address"),
                        four -> assertThat(four).contains("inferwatch.yml:4", "give 1s to 30s"),
                        five -> assertThat(five).contains("\"d\" stands twice"));
    }

    @Test
    void filesAreReadAnew_whenTheyChange(@TempDir Path folder) throws IOException {
        ServerList settings = read("servers: [{files: \"" + folder + "/*.yml\"}]");
        assertThat(settings.now(problems)).isEmpty();
        String before = settings.fingerprint();
        Files.writeString(folder.resolve("one.yml"), "servers: [{name: a, scrape: \"http://h/m\"}]");
        assertThat(settings.fingerprint()).isNotEqualTo(before);
        assertThat(settings.now(problems)).extracting(ServerSetting::name).containsExactly("a");
        assertThat(problems).isEmpty();
        Files.writeString(folder.resolve("two.yml"), "server: []");
        assertThat(settings.now(problems)).extracting(ServerSetting::name).containsExactly("a");
        assertThat(problems).singleElement().asString().contains("two.yml", "the key servers");
    }

    @Test
    void aServerOfAFile_isAServerLikeAnother_itsProxyToo(@TempDir Path folder) throws IOException {
        ServerList settings = read("servers: [{name: a, gpus: [0]}, {files: \"" + folder + "/*.yml\"}]");
        Files.writeString(folder.resolve("one.yml"), """
                servers:
                  - {name: b, scrape: "http://127.0.0.1:8001/metrics", gpus: [1]}
                  - {name: c, proxy: {listen: "127.0.0.1:9478", upstream: "http://127.0.0.1:8000"}}
                """);

        List<ServerSetting> servers = settings.now(problems);

        assertThat(servers).extracting(ServerSetting::name).containsExactly("a", "b", "c");
        assertThat(servers.get(1).served())
                .isEqualTo(new ServedGpus("b", OptionalInt.of(8001), new ServedGpus.Gpus.Listed(Set.of("1"))));
        assertThat(ServerList.proxies(servers, false))
                .singleElement()
                .satisfies(proxy -> assertThat(proxy.server()).isEqualTo("c"));
        assertThat(problems).isEmpty();
    }
}
