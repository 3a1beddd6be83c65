package io.inferwatch.collector.cost;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads LiteLLM's {@code model_prices_and_context_window.json}: one object, a member a model. Read as a stream; fields it
 * does not know are passed over; an entry with an impossible price is left out and told, the others stand.
 */
public final class PriceReader {
    /** The file of November 2026 has 1.6 MB and 2,900 models. */
    static final long MOST_BYTES = 64L << 20;

    static final int MOST_MODELS = 100_000;
    static final int MOST_MODEL_CHARS = 256;
    private static final int MOST_PROBLEMS = 20;
    private static final int MOST_DEPTH = 32;
    /** The file's own description of its fields. */
    private static final String DESCRIPTION = "sample_spec";

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxDocumentLength(MOST_BYTES)
                    .maxNestingDepth(MOST_DEPTH)
                    .maxStringLength(1 << 20)
                    .maxNameLength(1 << 10)
                    .maxNumberLength(PriceEntry.MOST_DIGITS)
                    .build())
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    private final Map<String, ModelPrice> byModel = new HashMap<>();
    private final List<String> problems = new ArrayList<>();

    private PriceReader() {}

    /**
     * Reads a table to its end.
     *
     * @throws MalformedPricesException when it is no JSON object, or larger than a table may be
     * @throws IOException when it cannot be read on
     */
    public static PriceTable read(InputStream in) throws IOException {
        try (JsonParser json = JSON.createParser(in)) {
            return new PriceReader().table(json);
        } catch (StreamConstraintsException e) {
            throw new MalformedPricesException(
                    "is larger or deeper than a price table may be: " + e.getOriginalMessage());
        } catch (JsonProcessingException e) {
            throw new MalformedPricesException("is no JSON" + at(e.getLocation()) + ": " + e.getOriginalMessage());
        }
    }

    private static String at(JsonLocation location) {
        return location == null ? "" : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    private PriceTable table(JsonParser json) throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw new MalformedPricesException("is no JSON object; give one with a member for each model");
        }
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String model = json.currentName();
            json.nextToken();
            if (model.equals(DESCRIPTION)) {
                json.skipChildren();
            } else {
                model(model, json);
            }
        }
        if (json.nextToken() != null) {
            throw new MalformedPricesException("goes on after its end; give one JSON object");
        }
        return new PriceTable(byModel, problems);
    }

    private void model(String model, JsonParser json) throws IOException {
        int line = json.currentTokenLocation().getLineNr();
        if (json.currentToken() != JsonToken.START_OBJECT || model.length() > MOST_MODEL_CHARS) {
            json.skipChildren();
            problem(line, model, "is no object under a name of at most " + MOST_MODEL_CHARS + " characters");
            return;
        }
        if (byModel.size() == MOST_MODELS) {
            throw new MalformedPricesException("has more than " + MOST_MODELS + " models; leave some out");
        }
        PriceEntry entry = new PriceEntry();
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String field = json.currentName();
            json.nextToken();
            entry.take(field, json);
        }
        if (entry.fault().isPresent()) {
            byModel.remove(model);
            problem(line, model, entry.fault().get());
        } else {
            byModel.put(model, entry.price());
        }
    }

    private void problem(int line, String model, String what) {
        if (problems.size() < MOST_PROBLEMS) {
            String shown = model.length() <= 60 ? model : model.substring(0, 60) + "…";
            problems.add("line " + line + ": \"" + shown + "\" " + what + "; it is left out");
        }
    }
}
