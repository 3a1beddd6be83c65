package io.inferwatch.collector.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PriceTableTest {
    private static final long NONE = TokenUsage.UNKNOWN;
    private static final String TABLE = """
            {"sample_spec": {"input_cost_per_token": "dollars", "max_tokens": "a number"},
             "plain": {"litellm_provider": "acme", "mode": "chat", "max_tokens": 8192,
                 "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05, "supports_vision": true,
                 "search_context_cost_per_query": {"search_context_size_low": 0.03}},
             "cached": {"input_cost_per_token": 2e-06, "output_cost_per_token": 8e-06,
                 "cache_read_input_token_cost": 2e-07, "cache_creation_input_token_cost": 2.5e-06,
                 "output_cost_per_reasoning_token": 1.2e-05},
             "long": {"input_cost_per_token": 1.25e-06, "output_cost_per_token": 1e-05,
                 "cache_read_input_token_cost": 1.25e-07,
                 "input_cost_per_token_above_200k_tokens": 2.5e-06,
                 "output_cost_per_token_above_200k_tokens": 1.5e-05,
                 "cache_read_input_token_cost_above_200k_tokens": 2.5e-07},
             "half": {"input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05,
                 "cache_read_input_token_cost": 1.25e-06},
             "reader": {"input_cost_per_token": 1.25e-06, "output_cost_per_token": 1e-05,
                 "cache_read_input_token_cost": 6.25e-07},
             "kinds": {"input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05,
                 "cache_read_input_token_cost": 3e-07, "cache_creation_input_token_cost": 3.75e-06,
                 "output_cost_per_reasoning_token": 2e-05},
             "embed": {"mode": "embedding", "input_cost_per_token": 2e-08, "output_cost_per_token": 0.0},
             "free": {"input_cost_per_token": 0, "output_cost_per_token": 0},
             "picture": {"mode": "image_generation", "output_cost_per_image": 0.04},
             "dear": {"input_cost_per_token": 1000, "output_cost_per_token": null}}
            """;

    private static PriceTable table(String json) {
        try {
            return PriceReader.read(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Pricing price(String model, long input, long cached, long written, long output, long reasoning) {
        return table(TABLE).price(model, new TokenUsage(input, cached, written, output, reasoning));
    }

    @ParameterizedTest(name = "{0} {1}/{2}/{3} {4}/{5}")
    @CsvSource({
        // 1000 · 3 µ$ + 500 · 15 µ$
        "plain, 1000, -1, -1, 500, -1, 10500000",
        // no price of its own for what is cached or reasoned: charged as prompt and as output
        "plain, 1000, 600, 100, 500, 200, 10500000",
        // 300 · 2 + 600 · 0.2 + 100 · 2.5 + 150 · 8 + 50 · 12 µ$
        "cached, 1000, 600, 100, 200, 50, 2770000",
        // more cached than there was in all: nothing is charged below zero
        "cached, 1000, 900, 200, 0, 0, 680000",
        "cached, 0, 0, 0, 0, 0, 0",
        // worked out by hand: 2618 · 2.5 + 3456 · 1.25 + 285 · 10 µ$
        "half, 6074, 3456, -1, 285, -1, 13715000",
        // 5005 · 1.25 + 257955 · 0.625 + 1744 · 10 µ$; others were seen to charge four times as much
        "reader, 262960, 257955, -1, 1744, -1, 184918125",
        // every kind at once: 100 · 3 + 200 · 0.3 + 700 · 3.75 + 60 · 15 + 40 · 20 µ$
        "kinds, 1000, 200, 700, 100, 40, 4685000",
        // at the bound the lower rates hold, one token past it the higher for every token
        "long, 200000, 150000, -1, 1000, -1, 91250000",
        "long, 200001, 150000, -1, 1000, -1, 177502500",
        "embed, 8191, -1, -1, -1, -1, 163820",
        "free, -1, -1, -1, -1, -1, 0",
        // 7 · 0.02 µ$ = 140 n$; a request of a millionth of a cent is no zero
        "embed, 7, -1, -1, -1, -1, 140",
    })
    void costIsExact(
            String model, long input, long cached, long written, long output, long reasoning, long nanodollars) {
        assertThat(price(model, input, cached, written, output, reasoning)).isEqualTo(new Pricing.Priced(nanodollars));
    }

    @ParameterizedTest(name = "{0} {1} {2}: {3}")
    @CsvSource({
        "plain, 1000, -1, TOKENS",
        "plain, -1, 500, TOKENS",
        "long, -1, 500, TOKENS",
        "embed, -1, -1, TOKENS",
        "picture, 10, 10, RATE",
        "picture, -1, -1, RATE",
        "dear, 10, 10, RATE",
        "dear, 1001, 0, RANGE",
    })
    void costIsUndefined_whenSomethingIsMissing(String model, long input, long output, Pricing.Lack lack) {
        assertThat(price(model, input, NONE, NONE, output, NONE)).isEqualTo(new Pricing.Undefined(lack));
    }

    @Test
    void halfANanodollarIsRoundedUp_onceForTheWhole() {
        PriceTable table = table("{\"m\":{\"input_cost_per_token\":2.5e-10,\"output_cost_per_token\":2.5e-10}}");
        assertThat(table.price("m", new TokenUsage(1, NONE, NONE, 1, NONE))).isEqualTo(new Pricing.Priced(1));
        assertThat(table.price("m", new TokenUsage(1, NONE, NONE, 0, NONE))).isEqualTo(new Pricing.Priced(0));
    }

    @ParameterizedTest
    @CsvSource({"acme/plain, true", "other/plain, false", "acme/cached, false", "PLAIN, false", "sample_spec, false"})
    void modelIsItsName_orThatBehindItsOwnProvider(String model, boolean isKnown) {
        assertThat(table(TABLE).knows(model)).isEqualTo(isKnown);
    }

    @Test
    void entryWithoutARightPriceIsLeftOut_andTold() {
        PriceTable table = table("""
                {"good": {"input_cost_per_token": 1e-6},
                 "negative": {"input_cost_per_token": -1e-6},
                 "text": {"output_cost_per_token": "1e-6"},
                 "tiny": {"input_cost_per_token": 1e-999999999},
                 "huge": {"input_cost_per_token": 1e999999999},
                 "list": [1, 2, {"a": []}],
                 "last": {"input_cost_per_token": 1e-6}}
                """);
        assertThat(table.size()).isEqualTo(2);
        assertThat(table.knows("last")).isTrue();
        assertThat(table.problems()).hasSize(5);
        assertThat(table.problems().getFirst())
                .isEqualTo("line 2: \"negative\" has input_cost_per_token that is no price;"
                        + " give dollars a token from 0 to 1000; it is left out");
    }

    @Test
    void problemsAreBounded_howeverManyThereAre() {
        String bad =
                IntStream.range(0, 5_000).mapToObj(i -> "\"m" + i + "\":0").collect(Collectors.joining(",", "{", "}"));
        assertThat(table(bad).problems()).hasSize(20);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "5", "{", "{\"a\":{\"input_cost_per_token\":}}", "nonsense"})
    void fileIsRefusedAsAWhole_whenItIsNoTable(String json) {
        assertThatThrownBy(() -> PriceReader.read(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8))))
                .isInstanceOf(MalformedPricesException.class)
                .hasMessageStartingWith("is no JSON");
    }

    @Test
    void hostileFileIsRefused() {
        String deep = "{\"m\":{\"x\":" + "[".repeat(100_000);
        String digits = "{\"m\":{\"input_cost_per_token\":0." + "1".repeat(1_000_000) + "}}";
        for (String json : new String[] {deep, digits}) {
            assertThatThrownBy(() -> PriceReader.read(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8))))
                    .isInstanceOf(MalformedPricesException.class)
                    .hasMessageContaining("larger or deeper");
        }
    }
}
