package io.inferwatch.collector;

import io.inferwatch.collector.cost.PriceTable;
import io.inferwatch.collector.cost.Prices;
import io.inferwatch.collector.cost.Pricing;
import io.inferwatch.collector.cost.TokenUsage;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * What the requests of one batch cost: as their sender says, else by the price table of this moment. It is journalled with
 * the request, so no replay asks a table again. One thread at a time.
 */
final class RequestCosts {
    static final long UNKNOWN = -1;

    private record Unpriced(int position, String model, Pricing why) {}

    private final Prices prices;
    private final List<Unpriced> unpriced = new ArrayList<>();

    RequestCosts(Prices prices) {
        this.prices = prices;
    }

    void clear() {
        unpriced.clear();
    }

    /**
     * @param position of the request in its batch
     * @return 10⁻⁹ $, or {@link #UNKNOWN}
     */
    long nanodollars(RequestMeasurement request, int position) {
        if (request.has(RequestAmount.COST)) {
            return request.amountSteps(RequestAmount.COST.bit());
        }
        PriceTable table = prices.table();
        if (table.isEmpty()) {
            return UNKNOWN;
        }
        Pricing pricing = table.price(request.model(), usage(request));
        if (pricing instanceof Pricing.Priced priced) {
            return priced.nanodollars();
        }
        unpriced.add(new Unpriced(position, request.model(), pricing));
        return UNKNOWN;
    }

    /** Counts those without a cost, once they are in the journal. */
    void countTaken(BitSet duplicates) {
        for (Unpriced each : unpriced) {
            if (!duplicates.get(each.position)) {
                prices.countUnpriced(each.model, each.why);
            }
        }
    }

    private static TokenUsage usage(RequestMeasurement request) {
        return new TokenUsage(
                tokens(request, RequestAmount.INPUT_TOKENS),
                tokens(request, RequestAmount.CACHED_TOKENS),
                tokens(request, RequestAmount.CACHE_WRITE_TOKENS),
                tokens(request, RequestAmount.OUTPUT_TOKENS),
                tokens(request, RequestAmount.REASONING_TOKENS));
    }

    private static long tokens(RequestMeasurement request, RequestAmount amount) {
        return request.has(amount) ? request.amountSteps(amount.bit()) : TokenUsage.UNKNOWN;
    }
}
