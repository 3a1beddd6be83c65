package io.inferwatch.rules.engine;

import io.inferwatch.rules.Tier;
import io.inferwatch.rules.Truth;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The memory of an instance as text, a fact a line:
 *
 * <pre>
 * inferwatch-state 1
 * episode 1767614400000
 * fired 1767614700000
 * told P1
 * born first_token_slow                           what its rule was called when the episode began, where it is renamed
 * nodata 1767614760000
 * tier P1 LATCHED 1767614400000 - - KNOWN      since, clear since, unknown since; - for none
 * silence OPEN - - - KNOWN
 * period 1767614400000 - LEFT_OUT                 when it fired, of what is compared with its past; - for still
 * leaf TRUE 1767614400000 ttft_p95 > 500.0
 * </pre>
 */
final class StateCodec {
    private static final String HEADER = "inferwatch-state 1";

    private StateCodec() {}

    static String encode(Instance instance) {
        StringBuilder text = new StringBuilder(HEADER);
        line(text, "episode", instance.episodeAt);
        line(text, "fired", instance.firedAt);
        if (instance.told != null) {
            text.append("\ntold ").append(instance.told);
        }
        if (instance.bornAs != null && instance.episodeAt != null) {
            text.append("\nborn ").append(instance.bornAs);
        }
        line(text, "nodata", instance.noDataSince);
        for (Map.Entry<Tier, Latch> entry : instance.latches.entrySet()) {
            if (!entry.getValue().isBlank()) {
                latch(text.append("\ntier ").append(entry.getKey()), entry.getValue());
            }
        }
        if (!instance.silence.isBlank()) {
            latch(text.append("\nsilence"), instance.silence);
        }
        for (FiredPeriods.Period period : instance.periods.all()) {
            text.append("\nperiod ").append(millis(period.from())).append(' ').append(millis(period.to()));
            text.append(period.accepted() ? " NORMAL" : " LEFT_OUT");
        }
        for (LeafTrack track : instance.tracks) {
            if (track.since != null) {
                text.append("\nleaf ").append(track.result).append(' ').append(millis(track.since));
                text.append(' ').append(track.name());
            }
        }
        return text.toString();
    }

    /** As if it had been restored after a long gap; less urgent tiers may hold as well, where the rule has them. */
    static String told(Tier told, Instant firedAt) {
        StringBuilder text = new StringBuilder(HEADER);
        line(text, "episode", firedAt);
        line(text, "fired", firedAt);
        text.append("\ntold ").append(told);
        for (Tier tier : Tier.values()) {
            if (!tier.isMoreUrgentThan(told)) {
                Latch latch = new Latch();
                latch.latched = true;
                latch.untilKnown = true;
                latch.since = firedAt;
                latch(text.append("\ntier ").append(tier), latch);
            }
        }
        return text.toString();
    }

    /** The tier that stands in a state as told. */
    static Optional<Tier> toldTier(String payload) {
        return payload.lines()
                .filter(line -> line.startsWith("told "))
                .map(line -> line.substring("told ".length()))
                .flatMap(word ->
                        Arrays.stream(Tier.values()).filter(tier -> tier.name().equals(word)))
                .findFirst();
    }

    private static void line(StringBuilder text, String name, @Nullable Instant at) {
        if (at != null) {
            text.append('\n').append(name).append(' ').append(millis(at));
        }
    }

    private static void latch(StringBuilder text, Latch latch) {
        text.append(latch.latched ? " LATCHED " : " OPEN ")
                .append(millis(latch.since))
                .append(' ')
                .append(millis(latch.clearSince))
                .append(' ')
                .append(millis(latch.unknownSince))
                .append(latch.untilKnown ? " UNTIL_KNOWN" : " KNOWN");
    }

    private static String millis(@Nullable Instant at) {
        return at == null ? "-" : String.valueOf(at.toEpochMilli());
    }

    /**
     * Gives a fresh instance its memory back. Tiers and leaves the rule no longer has are dropped.
     *
     * @throws IllegalArgumentException when the text is none of ours
     */
    static void decode(String payload, Instance into) {
        String[] lines = payload.split("\n", -1);
        if (!lines[0].equals(HEADER)) {
            throw new IllegalArgumentException("unknown form of stored state: " + lines[0]);
        }
        try {
            for (int i = 1; i < lines.length; i++) {
                fact(lines[i], into);
            }
        } catch (ArrayIndexOutOfBoundsException e) {
            throw new IllegalArgumentException("damaged stored state", e);
        }
    }

    private static void fact(String line, Instance into) {
        String[] words = line.split(" ", -1);
        switch (words[0]) {
            case "episode" -> into.episodeAt = instant(words[1]);
            case "fired" -> into.firedAt = instant(words[1]);
            case "told" -> into.told = Tier.valueOf(words[1]);
            case "born" -> into.bornAs = words[1];
            case "nodata" -> into.noDataSince = instant(words[1]);
            case "tier" -> {
                Latch latch = into.latches.get(Tier.valueOf(words[1]));
                latch(words, 2, latch == null ? new Latch() : latch);
            }
            case "silence" -> latch(words, 1, into.silence);
            case "period" ->
                into.periods.add(new FiredPeriods.Period(
                        Instant.ofEpochMilli(Long.parseLong(words[1])), instant(words[2]), words[3].equals("NORMAL")));
            case "leaf" -> leaf(line.split(" ", 4), into);
            default -> throw new IllegalArgumentException("unknown fact in stored state: " + words[0]);
        }
    }

    private static void latch(String[] words, int at, Latch into) {
        into.latched = words[at].equals("LATCHED");
        into.since = instant(words[at + 1]);
        into.clearSince = instant(words[at + 2]);
        into.unknownSince = instant(words[at + 3]);
        into.untilKnown = words[at + 4].equals("UNTIL_KNOWN");
    }

    private static void leaf(String[] words, Instance into) {
        for (LeafTrack track : into.tracks) {
            if (track.name().equals(words[3])) {
                track.result = Truth.valueOf(words[1]);
                track.since = instant(words[2]);
            }
        }
    }

    private static @Nullable Instant instant(String word) {
        return word.equals("-") ? null : Instant.ofEpochMilli(Long.parseLong(word));
    }
}
