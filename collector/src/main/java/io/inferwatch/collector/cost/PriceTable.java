package io.inferwatch.collector.cost;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The prices of many models, as one file said them. Immutable. */
public final class PriceTable {
    /** Prices nothing. */
    public static final PriceTable EMPTY = new PriceTable(Map.of(), List.of());

    private final Map<String, ModelPrice> byModel;
    private final List<String> problems;

    PriceTable(Map<String, ModelPrice> byModel, List<String> problems) {
        this.byModel = Map.copyOf(byModel);
        this.problems = List.copyOf(problems);
    }

    /** How many models it prices. */
    public int size() {
        return byModel.size();
    }

    /** Entries that were left out, and why: the first few. */
    public List<String> problems() {
        return problems;
    }

    public boolean isEmpty() {
        return byModel.isEmpty();
    }

    /** @param model as it is served: the table's own name, or that behind {@code provider/} */
    public Pricing price(String model, TokenUsage usage) {
        ModelPrice price = find(model);
        return price == null ? new Pricing.UnknownModel() : price.price(usage);
    }

    /** Whether the model is in it. */
    public boolean knows(String model) {
        return find(model) != null;
    }

    /** {@code openai/gpt-4o} is the entry {@code gpt-4o} only where that entry is OpenAI's: others may ask more. */
    private @Nullable ModelPrice find(String model) {
        ModelPrice exact = byModel.get(model);
        int slash = model.indexOf('/');
        if (exact != null || slash < 0) {
            return exact;
        }
        String provider = model.substring(0, slash);
        return Optional.ofNullable(byModel.get(model.substring(slash + 1)))
                .filter(price -> price.provider().equals(provider))
                .orElse(null);
    }
}
