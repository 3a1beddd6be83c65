package io.inferwatch.rules.load;

import io.inferwatch.rules.AlertMatch;
import io.inferwatch.rules.DigestTimes;
import io.inferwatch.rules.MuteTime;
import io.inferwatch.rules.MuteTime.Interval;
import io.inferwatch.rules.NotificationPlan.Inhibition;
import io.inferwatch.rules.Silence;
import io.inferwatch.rules.yaml.MappingReader;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import io.inferwatch.rules.yaml.YamlNode.Sequence;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads what holds notices back: {@code inhibit}, {@code mute_times}, {@code silences}. */
final class MutingReader {
    private final Problems problems;
    private final MatchReader matches;

    MutingReader(Problems problems, Set<String> ruleNames) {
        this.problems = problems;
        this.matches = new MatchReader(problems, Optional.of(ruleNames));
    }

    private MutingReader(Problems problems) {
        this.problems = problems;
        this.matches = new MatchReader(problems, Optional.empty());
    }

    /** The pack's inhibitions name all its rules; some of them may be disabled. */
    static MutingReader ofPack(Problems problems) {
        return new MutingReader(problems);
    }

    List<Inhibition> inhibitions(List<YamlNode> nodes) {
        List<Inhibition> found = new ArrayList<>();
        for (YamlNode node : nodes) {
            MappingReader.of(node, problems).flatMap(this::inhibition).ifPresent(found::add);
        }
        return found;
    }

    private Optional<Inhibition> inhibition(MappingReader reader) {
        String name = reader.text("name").orElse("");
        Optional<AlertMatch> source = match(reader, "source");
        Optional<AlertMatch> mute = match(reader, "mute");
        List<String> same = reader.texts("same").orElse(List.of());
        Optional<Duration> within = reader.duration("within");
        reader.refuseUnknown();
        return source.isPresent() && mute.isPresent()
                ? Optional.of(new Inhibition(name, source.get(), mute.get(), same, within))
                : Optional.empty();
    }

    private Optional<AlertMatch> match(MappingReader reader, String key) {
        return reader.require(key) ? reader.mapping(key).map(matches::read) : Optional.empty();
    }

    Map<String, MuteTime> muteTimes(Map<String, YamlNode> nodes) {
        Map<String, MuteTime> found = new LinkedHashMap<>();
        nodes.forEach((name, node) -> {
            List<Interval> intervals = new ArrayList<>();
            List<YamlNode> items = node instanceof Sequence list ? list.items() : List.of(node);
            if (items.isEmpty()) {
                problems.error(
                        node,
                        "a mute time without an interval mutes nothing",
                        "write [{from: \"22:00\", to: \"07:00\"}]");
            }
            items.forEach(item ->
                    MappingReader.of(item, problems).flatMap(this::interval).ifPresent(intervals::add));
            found.put(name, new MuteTime(name, intervals));
        });
        return found;
    }

    private Optional<Interval> interval(MappingReader reader) {
        Set<DayOfWeek> days = days(reader, "days", problems);
        Optional<LocalTime> from = reader.require("from") ? timeOfDay(reader, "from") : Optional.empty();
        Optional<LocalTime> to = reader.require("to") ? timeOfDay(reader, "to") : Optional.empty();
        Optional<ZoneId> zone = zone(reader);
        reader.refuseUnknown();
        return from.isPresent() && to.isPresent() && zone.isPresent()
                ? Optional.of(new Interval(days, from.get(), to.get(), zone.get()))
                : Optional.empty();
    }

    /** {@code digest: {at, days, tz, weekly_report}} of a receiver. */
    Optional<DigestTimes> digest(MappingReader reader) {
        Optional<LocalTime> at = reader.require("at") ? timeOfDay(reader, "at") : Optional.empty();
        Set<DayOfWeek> days = days(reader, "days", problems);
        Optional<ZoneId> zone = zone(reader);
        Optional<DayOfWeek> weekly = reader.scalar("weekly_report").flatMap(written -> {
            Optional<DayOfWeek> day = day(written.text());
            if (day.isEmpty()) {
                problems.error(written, "\"" + written.text() + "\" is none of mon, tue, wed, thu, fri, sat, sun");
            }
            return day;
        });
        reader.refuseUnknown();
        return at.isPresent() && zone.isPresent()
                ? Optional.of(new DigestTimes(at.get(), days, zone.get(), weekly))
                : Optional.empty();
    }

    /** All days where none is named. */
    private static Set<DayOfWeek> days(MappingReader reader, String key, Problems problems) {
        Optional<List<Scalar>> written = reader.scalars(key);
        if (written.isEmpty()) {
            return EnumSet.allOf(DayOfWeek.class);
        }
        if (written.get().isEmpty()) {
            reader.error(key, "no day is named; leave " + key + " out for all of them");
        }
        Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
        for (Scalar day : written.get()) {
            Optional<DayOfWeek> known = day(day.text());
            known.ifPresent(days::add);
            if (known.isEmpty()) {
                problems.error(day, "\"" + day.text() + "\" is none of mon, tue, wed, thu, fri, sat, sun");
            }
        }
        return days;
    }

    private static Optional<DayOfWeek> day(String text) {
        for (DayOfWeek day : DayOfWeek.values()) {
            if (day.name().substring(0, 3).toLowerCase(Locale.ROOT).equals(text)) {
                return Optional.of(day);
            }
        }
        return Optional.empty();
    }

    /** {@code "22:00"}; {@code "24:00"} is the end of the day. */
    private static Optional<LocalTime> timeOfDay(MappingReader reader, String key) {
        return reader.text(key).flatMap(text -> {
            if (text.equals("24:00")) {
                return Optional.of(LocalTime.MIDNIGHT);
            }
            if (text.matches("([01]\\d|2[0-3]):[0-5]\\d")) {
                return Optional.of(LocalTime.parse(text));
            }
            reader.error(key, "\"" + text + "\" is no time of day", "write it like \"07:30\", from 00:00 to 24:00");
            return Optional.empty();
        });
    }

    /** UTC where none is named. */
    private static Optional<ZoneId> zone(MappingReader reader) {
        String name = reader.text("tz").orElse("UTC");
        try {
            return Optional.of(ZoneId.of(name));
        } catch (DateTimeException e) {
            reader.error("tz", "\"" + name + "\" is no time zone", "write it like Europe/Berlin or UTC");
            return Optional.empty();
        }
    }

    List<Silence> silences(List<YamlNode> nodes) {
        List<Silence> found = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            String id = "file-" + (i + 1);
            MappingReader.of(nodes.get(i), problems)
                    .flatMap(reader -> silence(id, reader))
                    .ifPresent(found::add);
        }
        return found;
    }

    private Optional<Silence> silence(String id, MappingReader reader) {
        Optional<AlertMatch> match = match(reader, "match");
        if (match.filter(MatchReader.ALL::equals).isPresent()) {
            reader.error("match", "match names nothing", "name a tier, a rule or a label");
        }
        Instant from = time(reader, "from").orElse(Instant.EPOCH);
        Optional<Instant> until = reader.require("until") ? time(reader, "until") : Optional.empty();
        Optional<String> by = said(reader, "by");
        Optional<String> why = said(reader, "why");
        reader.refuseUnknown();
        if (match.isEmpty() || until.isEmpty() || by.isEmpty() || why.isEmpty()) {
            return Optional.empty();
        }
        if (!from.isBefore(until.get())) {
            reader.error("until", "until is not after from");
            return Optional.empty();
        }
        return Optional.of(new Silence(id, match.get(), from, until.get(), by.get(), why.get()));
    }

    private static Optional<String> said(MappingReader reader, String key) {
        Optional<String> text = reader.require(key) ? reader.text(key) : Optional.empty();
        if (text.filter(String::isBlank).isPresent()) {
            reader.error(
                    key, key + " says nothing", "whoever finds the silence should know whom to ask, and why it is");
        }
        return text.filter(words -> !words.isBlank());
    }

    private static Optional<Instant> time(MappingReader reader, String key) {
        return reader.text(key).flatMap(text -> {
            try {
                return Optional.of(OffsetDateTime.parse(text).toInstant());
            } catch (DateTimeException e) {
                reader.error(key, "\"" + text + "\" is no time", "write it like 2026-12-01T00:00:00Z");
                return Optional.empty();
            }
        });
    }
}
