package io.inferwatch.collector.cost;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One model of the table while it is read. */
final class PriceEntry {
    static final int MOST_DIGITS = 64;
    /** For example {@code input_cost_per_token_above_200k_tokens}. */
    private static final Pattern ABOVE = Pattern.compile("(\\w+)_above_(\\d{1,6})k_tokens");

    private static final BigDecimal MOST_DOLLARS = BigDecimal.valueOf(1_000);
    private static final int MOST_DECIMALS = 40;

    private String provider = "";
    private Rates base = Rates.NONE;
    private final TreeMap<Long, Rates> above = new TreeMap<>();
    private @Nullable String fault;

    /** Takes the value the parser stands at. */
    void take(String field, JsonParser json) throws IOException {
        if (field.equals("litellm_provider") && json.currentToken() == JsonToken.VALUE_STRING) {
            provider = json.getText();
        } else {
            take(field, field, 0, json);
        }
        json.skipChildren();
    }

    private void take(String field, String name, long aboveTokens, JsonParser json) throws IOException {
        for (Rates.Of of : Rates.Of.values()) {
            if (of.field().equals(name)) {
                rate(field, of, aboveTokens, json);
                return;
            }
        }
        Matcher matcher = ABOVE.matcher(name);
        if (aboveTokens == 0 && matcher.matches()) {
            take(field, matcher.group(1), Long.parseLong(matcher.group(2)) * 1_000, json);
        }
    }

    private void rate(String field, Rates.Of of, long aboveTokens, JsonParser json) throws IOException {
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        Optional<BigDecimal> rate =
                json.currentToken().isNumeric() ? bounded(json.getDecimalValue()) : Optional.empty();
        if (rate.isEmpty()) {
            fault = "has " + field + " that is no price; give dollars a token from 0 to " + MOST_DOLLARS;
        } else if (aboveTokens == 0) {
            base = base.with(of, rate.get());
        } else {
            above.merge(aboveTokens, Rates.NONE.with(of, rate.get()), (old, added) -> added.orElse(old));
        }
    }

    /** Digits and exponent bounded, so that sums are. */
    private static Optional<BigDecimal> bounded(BigDecimal rate) {
        boolean isPrice = rate.signum() >= 0 && rate.compareTo(MOST_DOLLARS) <= 0 && rate.scale() <= MOST_DECIMALS;
        return isPrice ? Optional.of(rate.signum() == 0 ? BigDecimal.ZERO : rate) : Optional.empty();
    }

    /** Why the entry cannot be used. */
    Optional<String> fault() {
        return Optional.ofNullable(fault);
    }

    ModelPrice price() {
        return new ModelPrice(provider, base, above);
    }
}
