package io.inferwatch.collector.push;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What was found in one body so far: all of it counted, the first of it kept to be told. One thread at a time. */
final class BodyTally {
    private static final int MOST_TOLD = 100;

    private final List<RecordError> errors = new ArrayList<>();
    private final List<RecordWarning> warningsTold = new ArrayList<>();
    private final Map<Rejection, Long> rejectedByReason = new EnumMap<>(Rejection.class);
    private long rejected;
    private long warnings;
    private long skewed;

    void clear() {
        errors.clear();
        warningsTold.clear();
        rejectedByReason.clear();
        rejected = 0;
        warnings = 0;
        skewed = 0;
    }

    void reject(long line, Optional<String> field, Rejection rejection, String message) {
        rejected++;
        rejectedByReason.merge(rejection, 1L, Long::sum);
        if (errors.size() < MOST_TOLD) {
            errors.add(new RecordError(line, field, rejection, message));
        }
    }

    /** Whether a warning would still be told: its message is worth making. */
    boolean tellsWarnings() {
        return warningsTold.size() < MOST_TOLD;
    }

    void warn(long line, String field, String message) {
        warningsTold.add(new RecordWarning(line, field, message));
        warnings++;
    }

    void countWarning() {
        warnings++;
    }

    void countSkewed() {
        skewed++;
    }

    long rejected() {
        return rejected;
    }

    long warnings() {
        return warnings;
    }

    long skewed() {
        return skewed;
    }

    Map<Rejection, Long> rejectedByReason() {
        return rejectedByReason;
    }

    IntakeReport report(long accepted, long duplicates, String durability) {
        return new IntakeReport(accepted, duplicates, rejected, errors, warningsTold, durability);
    }
}
