package io.inferwatch.notifier.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AllowedHostsTest {
    private final AllowedHosts hosts = new AllowedHosts(List.of("hooks.slack.com", "http://127.0.0.1:8085"));

    @Test
    void onlyNamedHostsByHttpsAndWrittenOutOriginsAreAllowed() {
        assertThat(hosts.objection("https://hooks.slack.com/services/T")).isEmpty();
        assertThat(hosts.objection("http://127.0.0.1:8085/x")).isEmpty();
        for (String url : List.of(
                "http://hooks.slack.com/x",
                "https://hooks.slack.com:8443/x",
                "https://hooks.slack.com@evil.example/",
                "https://evil.example/hooks.slack.com",
                "https://hooks.slack.com.evil.example/",
                "http://127.0.0.1:8086/",
                "http://127.1:8085/",
                "http://2130706433:8085/",
                "file:///etc/passwd",
                "https://[::1]/",
                "//hooks.slack.com/",
                "not a url")) {
            assertThat(hosts.objection(url)).as(url).isPresent();
        }
    }

    @Test
    void nameThatResolvesToAPrivateAddressIsRefused() throws UnknownHostException {
        for (String address : List.of(
                "127.0.0.1",
                "10.1.2.3",
                "192.168.0.1",
                "172.16.0.1",
                "169.254.169.254",
                "100.64.0.1",
                "0.0.0.0",
                "::1",
                "fd00::1",
                "fe80::1")) {
            InetAddress[] found = {InetAddress.getByName(address)};
            try (Outbound outbound =
                    new Outbound(hosts, host -> found, InstantSource.system(), Duration.ofSeconds(1))) {
                assertThat(outbound.post("https://hooks.slack.com/x", Map.of(), new byte[0]))
                        .as(address)
                        .isInstanceOf(Exchange.Refused.class);
            }
        }
    }

    @Test
    void retryAfterIsReadAsSecondsAndAsDate_upToAnHour() {
        Instant now = Instant.parse("2026-11-20T12:00:00Z");
        assertThat(RetryAfter.parse("7", now)).contains(Duration.ofSeconds(7));
        assertThat(RetryAfter.parse("Fri, 20 Nov 2026 12:01:00 GMT", now)).contains(Duration.ofMinutes(1));
        assertThat(RetryAfter.parse("99999", now)).contains(Duration.ofHours(1));
        assertThat(RetryAfter.parse("soon", now)).isEmpty();
    }
}
