package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.RunningSidecar;
import java.math.BigDecimal;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Tokens served on GPUs of one's own, from the meters of the simulated node to the bill. */
class HostedCostTest {
    private static final String ROUTE = "/api/v1/cost/hosted";
    private static final Duration SOON = Duration.ofSeconds(30);

    private static BigDecimal sum(JsonNode list, String field) {
        BigDecimal sum = BigDecimal.ZERO;
        for (JsonNode each : list) {
            sum = sum.add(each.path(field).decimalValue());
        }
        return sum;
    }

    @Test
    void modelsBearTheMeterToTheLastDigit_andTheBillByTheirTokens() {
        try (RunningSidecar sidecar = RunningSidecar.with()
                .command("demo")
                .environment("INFERWATCH_HOSTED_GPU_HOUR_USD", "2.5")
                .environment("INFERWATCH_HOSTED_KWH_USD", "0.12")
                .start()) {
            JsonNode server = Await.value(
                    "three models on eight metered GPUs",
                    SOON,
                    () -> sidecar.api()
                            .read(ROUTE, "from", "-1h")
                            .path("servers")
                            .path(0),
                    cost -> cost.path("gpus").asInt() == 8
                            && cost.path("models").size() == 3
                            && cost.path("energy_j").asDouble() > 0);

            BigDecimal energy = server.path("energy_j").decimalValue();
            assertThat(sum(server.path("models"), "loaded_j")
                            .add(server.path("unattributed_j").decimalValue()))
                    .isEqualByComparingTo(energy);
            JsonNode usd = server.path("usd");
            assertThat(usd.path("capacity").asDouble())
                    .isCloseTo(server.path("gpu_seconds").asDouble() * 2.5 / 3_600, within(1e-9));
            assertThat(usd.path("energy").asDouble()).isCloseTo(energy.doubleValue() / 3.6e6 * 0.12, within(1e-9));
            assertThat(sum(server.path("models"), "usd").doubleValue())
                    .isCloseTo(usd.path("total").asDouble(), within(1e-9));
            assertThat(usd.path("idle").asDouble())
                    .isBetween(0.0, usd.path("capacity").asDouble());
            assertThat(server.path("usd_per_mtok").path("output").asDouble())
                    .isGreaterThan(server.path("usd_per_mtok").path("cached").asDouble());
            assertThat(server.path("fit_refused").asText()).contains("windows with a reading of the energy meter");
            assertThat(sidecar.api().get(ROUTE, "fron", "-1h").text()).contains("did you mean \\\"from\\\"?");
            assertThat(sidecar.api().get(ROUTE, "from", "-500d").status()).isEqualTo(400);
        }
    }
}
