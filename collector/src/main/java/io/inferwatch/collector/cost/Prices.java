package io.inferwatch.collector.cost;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/** The price table in force, and what it could not price. Any thread. */
public final class Prices {
    /** Further models share the name {@value #OTHER}: senders make them up as they like. */
    static final int MOST_MODELS_TOLD = 100;

    static final String OTHER = "other";

    private volatile PriceTable table = PriceTable.EMPTY;
    private final Map<String, Long> unknownModels = new HashMap<>();
    private final Map<Pricing.Lack, Long> undefined = new EnumMap<>(Pricing.Lack.class);

    /**
     * What could not be priced since the start.
     *
     * @param unknownModels requests by model
     * @param undefined requests of known models by what was missing
     * @param modelsPriced models in the table
     */
    public record Stats(Map<String, Long> unknownModels, Map<Pricing.Lack, Long> undefined, int modelsPriced) {
        public Stats {
            unknownModels = Map.copyOf(unknownModels);
            undefined = Map.copyOf(undefined);
        }
    }

    /** The table requests are priced by from now on. */
    public void replace(PriceTable newTable) {
        table = newTable;
    }

    public PriceTable table() {
        return table;
    }

    /** Counts a request that was taken and has no cost. */
    public synchronized void countUnpriced(String model, Pricing why) {
        switch (why) {
            case Pricing.UnknownModel unknown -> {
                boolean isTold = unknownModels.containsKey(model) || unknownModels.size() < MOST_MODELS_TOLD;
                unknownModels.merge(isTold ? model : OTHER, 1L, Long::sum);
            }
            case Pricing.Undefined lacking -> undefined.merge(lacking.lack(), 1L, Long::sum);
            case Pricing.Priced priced -> throw new IllegalArgumentException(model + " has a price: " + priced);
        }
    }

    public synchronized Stats stats() {
        return new Stats(unknownModels, undefined, table.size());
    }
}
