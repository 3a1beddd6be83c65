package io.inferwatch.api.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferwatch.api.config.ConfigException;
import io.inferwatch.api.config.ConfigReader;
import io.inferwatch.api.config.Configuration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpSettingsTest {

    private static Configuration with(Map<String, String> settings) {
        return ConfigReader.read(Optional.empty(), Map.of(), settings);
    }

    @ParameterizedTest(name = "host {0}, tokens {1}, tls {2}, said aloud {3}: starts {4}")
    @CsvSource({
        "127.0.0.1, false, false, false, true",
        "::1,       false, false, false, true",
        "localhost, false, false, false, true",
        "127.0.0.1, true,  true,  false, true",
        "0.0.0.0,   false, false, false, false",
        "0.0.0.0,   true,  false, false, false",
        "0.0.0.0,   false, true,  false, false",
        "0.0.0.0,   true,  true,  false, true",
        "0.0.0.0,   false, false, true,  true",
        "0.0.0.0,   true,  false, true,  true",
        "::,        false, false, false, false",
        "10.1.2.3,  false, true,  false, false",
    })
    void openDoor_isRefused_unlessLockedOrSaidAloud(
            String host, boolean tokens, boolean tls, boolean saidAloud, boolean starts) {
        Map<String, String> settings = new LinkedHashMap<>(Map.of("http.host", host));
        if (tokens) {
            settings.put("auth.ingest_token_file", "/etc/inferwatch/ingest");
            settings.put("auth.read_token_file", "/etc/inferwatch/read");
        }
        if (tls) {
            settings.put("http.tls.certificate_file", "/etc/inferwatch/cert.pem");
            settings.put("http.tls.key_file", "/etc/inferwatch/key.pem");
        }
        settings.put("http.insecure_plaintext", Boolean.toString(saidAloud));
        Configuration configuration = with(settings);
        if (starts) {
            assertThatCode(() -> new HttpSettings(configuration)).doesNotThrowAnyException();
        } else {
            assertThatThrownBy(() -> new HttpSettings(configuration))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining(host);
        }
    }

    @Test
    void portOutOfRange_isRefused() {
        assertThatThrownBy(() -> new HttpSettings(with(Map.of("http.port", "70000"))))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("70000");
    }

    @Test
    void certificateWithoutKey_isRefused() {
        assertThatThrownBy(() -> new HttpSettings(with(Map.of("http.tls.certificate_file", "/etc/cert.pem"))))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("go together");
    }

    @Test
    void statusListener_isReadFromAddressAndPort() {
        HttpSettings settings = new HttpSettings(with(Map.of("http.status.listen", "0.0.0.0:9479")));
        assertThat(settings.statusListener()).contains(new HttpSettings.StatusListener("0.0.0.0", 9479));
        assertThat(settings.asProperties()).containsEntry("micronaut.server.netty.listeners.status.port", 9479);
    }

    @Test
    void malformedStatusListener_isRefusedByName() {
        HttpSettings settings = new HttpSettings(with(Map.of("http.status.listen", "nine")));
        assertThatThrownBy(settings::statusListener)
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("\"nine\"");
    }
}
