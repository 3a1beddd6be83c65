package io.inferwatch.rules;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One line of {@code why}: what one leaf of a condition saw.
 *
 * @param leaf the signal's or rule's name
 * @param value in {@code unit}; empty when missing
 * @param unit the unit as the API prints it, empty when dimensionless
 * @param op {@code >}, {@code >=}, {@code <}, {@code <=}, {@code ==}, {@code outside}
 * @param held how long the leaf has had this result
 * @param result {@code TRUE}, {@code FALSE}, or empty for UNKNOWN
 * @param reason why it is UNKNOWN; empty otherwise
 * @param baseline what the signal was before, in {@code measuredUnit}; empty where nothing is compared
 * @param spark the recent values as a text sparkline
 * @param measured the signal's own value, where {@code value} is a comparison of it
 * @param measuredUnit the unit of {@code measured} and {@code baseline}
 */
public record LeafEvidence(
        String leaf,
        OptionalDouble value,
        String unit,
        String op,
        OptionalDouble threshold,
        Duration held,
        Optional<Boolean> result,
        String reason,
        long samples,
        OptionalDouble baseline,
        String spark,
        OptionalDouble measured,
        String measuredUnit) {

    /** Evidence that compares nothing with the past. */
    public LeafEvidence(
            String leaf,
            OptionalDouble value,
            String unit,
            String op,
            OptionalDouble threshold,
            Duration held,
            Optional<Boolean> result,
            String reason,
            long samples,
            OptionalDouble baseline,
            String spark) {
        this(
                leaf,
                value,
                unit,
                op,
                threshold,
                held,
                result,
                reason,
                samples,
                baseline,
                spark,
                OptionalDouble.empty(),
                unit);
    }
}
