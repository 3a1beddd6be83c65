package io.inferwatch.rules.yaml;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: {@code 100ms 30s 5m 1h 7d}, and joined, the larger unit first: {@code 1h30m}. */
public final class Durations {
    private static final Pattern PART = Pattern.compile("(\\d{1,12}(?:\\.\\d{1,6})?)(ms|s|m|h|d)");
    private static final Map<String, Long> MILLIS =
            Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);
    private static final BigDecimal LONGEST_MILLIS =
            BigDecimal.valueOf(Duration.ofDays(36_500).toMillis());

    private Durations() {}

    /** Empty when it is not of that form, finer than a millisecond, or longer than a hundred years. */
    public static Optional<Duration> parse(String text) {
        Matcher matcher = PART.matcher(text.strip());
        BigDecimal millis = BigDecimal.ZERO;
        long largerUnit = Long.MAX_VALUE;
        do {
            if (!matcher.lookingAt()) {
                return Optional.empty();
            }
            long unit = MILLIS.getOrDefault(matcher.group(2), Long.MAX_VALUE);
            if (unit >= largerUnit) {
                return Optional.empty();
            }
            largerUnit = unit;
            millis = millis.add(new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit)));
            matcher.region(matcher.end(), matcher.regionEnd());
        } while (matcher.regionStart() < matcher.regionEnd());
        if (millis.compareTo(LONGEST_MILLIS) > 0 || millis.stripTrailingZeros().scale() > 0) {
            return Optional.empty();
        }
        return Optional.of(Duration.ofMillis(millis.longValueExact()));
    }

    /** The two largest parts that are not zero: {@code 1m30s}, {@code 2h}, {@code 0s}; parses back when whole. */
    public static String format(Duration duration) {
        if (duration.toMillis() < 1_000) {
            return duration.toMillis() == 0 ? "0s" : duration.toMillis() + "ms";
        }
        long[] parts = {duration.toDays(), duration.toHoursPart(), duration.toMinutesPart(), duration.toSecondsPart()};
        String names = "dhms";
        StringBuilder text = new StringBuilder();
        int shown = 0;
        for (int i = 0; i < parts.length && shown < 2; i++) {
            if (parts[i] > 0) {
                text.append(parts[i]).append(names.charAt(i));
                shown++;
            }
        }
        return text.toString();
    }
}
