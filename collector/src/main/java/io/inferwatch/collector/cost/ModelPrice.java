package io.inferwatch.collector.cost;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the tokens of one model cost. Immutable.
 *
 * <p>The cost of a request is {@code (P − Cr − Cw)·input + Cr·cacheRead + Cw·cacheWrite + (O − R)·output + R·reasoning},
 * summed exactly and rounded once.
 */
final class ModelPrice {
    private static final int NANODOLLAR_DECIMALS = 9;
    /** A million dollars: as much as a request record may say itself. */
    private static final BigInteger MOST_NANODOLLARS = BigInteger.valueOf(1_000_000_000_000_000L);

    private final String provider;
    /** By the prompt tokens above which they hold, for the whole request; the first is 0 and always holds. */
    private final TreeMap<Long, Rates> ratesAbove = new TreeMap<>();

    /**
     * @param provider whose price it is; empty where the table does not say
     * @param above rates for requests of more prompt tokens than the key; what they leave open is as in {@code base}
     */
    ModelPrice(String provider, Rates base, NavigableMap<Long, Rates> above) {
        this.provider = provider;
        ratesAbove.put(0L, base.completed());
        above.forEach(
                (tokens, rates) -> ratesAbove.put(tokens, rates.orElse(base).completed()));
    }

    String provider() {
        return provider;
    }

    Pricing price(TokenUsage usage) {
        if (!usage.isInputKnown() && ratesAbove.size() > 1) {
            return new Pricing.Undefined(Pricing.Lack.TOKENS);
        }
        Rates rates = usage.input() > 0
                ? ratesAbove.lowerEntry(usage.input()).getValue()
                : ratesAbove.firstEntry().getValue();
        if (lacks(rates.input(), usage.input()) || lacks(rates.output(), usage.output())) {
            return new Pricing.Undefined(Pricing.Lack.RATE);
        }
        if (rates.input() == null && rates.output() == null) {
            return new Pricing.Undefined(Pricing.Lack.RATE);
        }
        if (isNeeded(rates.input(), usage.isInputKnown()) || isNeeded(rates.output(), usage.isOutputKnown())) {
            return new Pricing.Undefined(Pricing.Lack.TOKENS);
        }
        return rounded(sum(rates, usage));
    }

    private static boolean lacks(@Nullable BigDecimal rate, long tokens) {
        return rate == null && tokens > 0;
    }

    private static boolean isNeeded(@Nullable BigDecimal rate, boolean isKnown) {
        return !isKnown && rate != null && rate.signum() != 0;
    }

    private static BigDecimal sum(Rates rates, TokenUsage usage) {
        long cached = Math.max(0, usage.cached());
        long written = Math.max(0, usage.cacheWrite());
        long reasoning = Math.max(0, usage.reasoning());
        return of(Math.max(0, usage.input() - cached - written), rates.input())
                .add(of(cached, rates.cacheRead()))
                .add(of(written, rates.cacheWrite()))
                .add(of(Math.max(0, usage.output() - reasoning), rates.output()))
                .add(of(reasoning, rates.reasoning()));
    }

    private static BigDecimal of(long tokens, @Nullable BigDecimal rate) {
        return rate == null || tokens == 0 ? BigDecimal.ZERO : rate.multiply(BigDecimal.valueOf(tokens));
    }

    private static Pricing rounded(BigDecimal dollars) {
        BigInteger nanodollars =
                dollars.setScale(NANODOLLAR_DECIMALS, RoundingMode.HALF_UP).unscaledValue();
        return nanodollars.compareTo(MOST_NANODOLLARS) > 0
                ? new Pricing.Undefined(Pricing.Lack.RANGE)
                : new Pricing.Priced(nanodollars.longValueExact());
    }
}
