package io.inferwatch.collector;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The series labels of a request for one family of metrics, taken from its fields and its own labels. One thread. */
final class RequestLabels {
    static final String OUTCOME = "outcome";
    private static final int FROM_LABELS = -1;
    private static final int FROM_OUTCOME = -2;

    private final List<String> names;
    private final int[] sources;
    private final LabelFamily family;
    private final @Nullable String[] values;

    /**
     * @param configured names of fields of the record, or of labels that senders give it
     * @param added names that the family always has: {@code outcome}, {@code finish_reason}
     */
    RequestLabels(List<String> configured, List<String> added, LabelSet always) {
        this.names =
                Stream.concat(configured.stream(), added.stream()).distinct().toList();
        this.sources = names.stream().mapToInt(RequestLabels::source).toArray();
        this.family = new LabelFamily(names, always);
        this.values = new @Nullable String[sources.length];
    }

    LabelSet of(RequestMeasurement request) {
        return of(request, false);
    }

    /** @param isUserOther whether its user is one of those that share a series */
    LabelSet of(RequestMeasurement request, boolean isUserOther) {
        for (int i = 0; i < sources.length; i++) {
            values[i] = switch (sources[i]) {
                case FROM_LABELS -> request.extras().labels().get(names.get(i));
                case FROM_OUTCOME -> request.outcome().label();
                default ->
                    isUserOther && sources[i] == RequestText.USER.bit()
                            ? CostUsers.OTHER
                            : request.textOrNull(sources[i]);
            };
        }
        return family.of(values);
    }

    private static int source(String name) {
        if (name.equals(OUTCOME)) {
            return FROM_OUTCOME;
        }
        return Arrays.stream(RequestText.values())
                .filter(text -> text.field().equals(name))
                .mapToInt(RequestText::bit)
                .findFirst()
                .orElse(FROM_LABELS);
    }
}
