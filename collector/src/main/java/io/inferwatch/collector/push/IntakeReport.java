package io.inferwatch.collector.push;

import java.util.List;

/**
 * What became of each record of a body.
 *
 * @param errors the first 100
 * @param warnings the first 100
 * @param durability {@code process}: survives any death of the process; {@code strict}: is on disk
 */
public record IntakeReport(
        long accepted,
        long duplicates,
        long rejected,
        List<RecordError> errors,
        List<RecordWarning> warnings,
        String durability) {
    public IntakeReport {
        errors = List.copyOf(errors);
        warnings = List.copyOf(warnings);
    }
}
