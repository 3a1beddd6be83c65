package io.inferwatch.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.cost.PriceReader;
import io.inferwatch.collector.cost.Prices;
import io.inferwatch.collector.cost.Pricing;
import io.inferwatch.collector.ids.IdHash;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RequestCostsTest {
    private final ListJournal journal = new ListJournal();
    private final Prices prices = new Prices();
    private final Collector collector = new Collector(
                    CollectorConfig.DEFAULT, journal, LabelSet.EMPTY, new IdHash(3, 4), () -> false, prices)
            .recallIds();

    private void priceInput(String model, String dollars) {
        String json = "{\"" + model + "\":{\"input_cost_per_token\":" + dollars + ",\"output_cost_per_token\":0}}";
        try {
            prices.replace(PriceReader.read(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8))));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static RequestMeasurement.Builder request(String model, long inputTokens) {
        return new RequestMeasurement.Builder()
                .text(RequestText.MODEL, model)
                .text(RequestText.USER, "u")
                .amount(RequestAmount.INPUT_TOKENS, inputTokens);
    }

    private BatchOutcome append(RequestMeasurement.Builder... requests) {
        MeasurementBatch batch = collector.newBatch().clear(journal.nowEpochMillis(), false);
        for (RequestMeasurement.Builder each : requests) {
            batch.add(each.build());
        }
        return collector.append(batch);
    }

    private List<Long> costs() {
        return RecordingSink.of(collector).of("cost.usd").stream()
                .map(RecordingSink.Observation::scaled)
                .toList();
    }

    @Test
    void priceOfTheMomentIsJournalled_soAReplayAsksNoTable() {
        priceInput("m", "2e-6");
        append(request("m", 1_000));
        priceInput("m", "3e-6");
        append(request("m", 1_000));
        priceInput("other", "1e-6");

        assertThat(costs()).containsExactly(2_000_000L, 3_000_000L);
        assertThat(RecordingSink.of(collector)
                        .of("cost.usd")
                        .getFirst()
                        .labels()
                        .asMap())
                .containsEntry("model", "m")
                .containsEntry("user", "u");
    }

    @Test
    void costThatIsSaidWins() {
        priceInput("m", "2e-6");
        append(
                request("m", 1_000).amount(RequestAmount.COST, 5),
                request("m", 1_000).amount(RequestAmount.COST, 0));

        assertThat(costs()).containsExactly(5L, 0L);
    }

    @Test
    void unknownModelHasNoCost_andIsCountedOnceEach() {
        priceInput("m", "2e-6");
        append(request("x", 1).id("a"), request("x", 1).id("a"), request("x", 1), request("m", 1));
        append(request("x", 1).id("a"));

        assertThat(costs()).containsExactly(2_000L);
        assertThat(collector.stats().prices().unknownModels()).containsOnly(Map.entry("x", 2L));
    }

    @Test
    void costThatCannotBeToldIsCountedByWhatIsMissing() {
        priceInput("m", "2e-6");
        append(new RequestMeasurement.Builder().text(RequestText.MODEL, "m"));

        assertThat(costs()).isEmpty();
        assertThat(collector.stats().prices().undefined()).containsOnly(Map.entry(Pricing.Lack.TOKENS, 1L));
    }

    @Test
    void modelsMadeUpByASenderShareAName() {
        priceInput("m", "2e-6");
        for (int i = 0; i < 1_000; i++) {
            append(request("x" + i, 1));
        }

        assertThat(collector.stats().prices().unknownModels()).hasSize(101).containsEntry("other", 900L);
    }

    @Test
    void nothingIsCounted_whenThereIsNoTable() {
        append(request("m", 1));

        assertThat(costs()).isEmpty();
        assertThat(collector.stats().prices().unknownModels()).isEmpty();
    }
}
