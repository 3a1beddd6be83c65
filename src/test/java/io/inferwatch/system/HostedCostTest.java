package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.RunningSidecar;
import java.math.BigDecimal;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Tokens served on GPUs of one's own, by the meters of the simulated node. */
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

    private static double tokens(JsonNode tokens) {
        return tokens.path("uncached").asDouble()
                + tokens.path("cached").asDouble()
                + tokens.path("output").asDouble();
    }

    @Test
    void modelsBearTheMeterToTheLastDigit() {
        try (RunningSidecar sidecar = RunningSidecar.with().command("demo").start()) {
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
            assertThat(server.has("usd"))
                    .as("the demo knows no price of a GPU hour")
                    .isFalse();
            assertThat(server.path("j_per_token").asDouble())
                    .isCloseTo(energy.doubleValue() / tokens(server.path("tokens")), within(1e-9));
            assertThat(server.path("busy_ratio").asDouble()).isBetween(0.0, 1.0);
            assertThat(server.path("fit_refused").asText()).contains("windows with a reading of the energy meter");
            assertThat(sidecar.api().get(ROUTE, "fron", "-1h").text()).contains("did you mean \\\"from\\\"?");
            assertThat(sidecar.api().get(ROUTE, "from", "-500d").status()).isEqualTo(400);
        }
    }
}
