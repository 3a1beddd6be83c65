package io.inferwatch.api.http;

import io.inferwatch.rules.yaml.Durations;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Times as people send them: RFC 3339, epoch seconds or milliseconds, or relative to now ({@code -15m}). Pure. */
final class Times {
    /** Epoch numbers from here on are milliseconds; as seconds they would lie after the year 5138. */
    private static final long FIRST_MILLISECONDS = 100_000_000_000L;

    /** The last moment that may be asked for; far beyond any window. */
    private static final long LAST_EPOCH_MILLIS =
            Instant.parse("2200-01-01T00:00:00Z").toEpochMilli();

    private Times() {}

    /** Empty when it is none of the forms. */
    static Optional<Instant> parse(String text, Instant now) {
        String time = text.strip();
        if (time.equals("now")) {
            return Optional.of(now);
        }
        if (time.matches("\\d{1,15}(\\.\\d{1,9})?")) {
            return epoch(time);
        }
        if (time.startsWith("-")) {
            return Durations.parse(time.substring(1)).map(now::minus);
        }
        try {
            return Optional.of(OffsetDateTime.parse(time).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Optional<Instant> epoch(String number) {
        double value = Double.parseDouble(number);
        long millis = value < FIRST_MILLISECONDS ? Math.round(value * 1000) : Math.round(value);
        return millis <= LAST_EPOCH_MILLIS ? Optional.of(Instant.ofEpochMilli(millis)) : Optional.empty();
    }

    /** RFC 3339 UTC with milliseconds where there are any. */
    static String format(Instant time) {
        return time.truncatedTo(ChronoUnit.MILLIS).toString();
    }

    /** @throws ProblemException naming the parameter, the value and the forms there are */
    static Instant required(String parameter, String text, Instant now) {
        return parse(text, now)
                .orElseThrow(
                        () -> ProblemException.badRequest(
                                parameter + ": \"" + text
                                        + "\" is no time; write RFC 3339 (2026-01-05T12:00:00Z), epoch seconds or milliseconds, or -15m"));
    }

    /** @throws ProblemException naming the parameter and the value */
    static Duration requiredDuration(String parameter, String text) {
        return Durations.parse(text)
                .filter(duration -> !duration.isZero())
                .orElseThrow(() -> ProblemException.badRequest(
                        parameter + ": \"" + text + "\" is no duration; write 30s, 5m, 1h or 7d"));
    }
}
