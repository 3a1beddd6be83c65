package io.inferwatch.collector.scrape.page;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Sorts what a format reads into families. Bounded whatever the page holds. Used by one thread. */
final class PageBuilder {
    private static final int MOST_FAMILIES = 10_000;
    private static final int MOST_SERIES = 20_000;
    private static final int MOST_PASSED_OVER = 1_000;
    /** Above this a double no longer counts by ones, and nothing that is read comes near. */
    private static final double HIGHEST = 1L << 53;

    private static final String CREATED = "_created";
    /** Without a type, a name that ends so may be a part of the family before it. */
    private static final List<String> PARTS_OF_OTHERS = List.of(CREATED, "_sum", "_count");

    private static final String PROCESS_START = "process_start_time_seconds";

    /** One name while the page is read. */
    static final class Draft {
        final String name;
        FamilyType type;
        final boolean isWanted;
        private final Map<Map<String, String>, Double> scalars = new LinkedHashMap<>();
        private final Map<Map<String, String>, BucketDraft> histograms = new LinkedHashMap<>();
        private final List<BucketSeries> ready = new ArrayList<>();
        private final Map<Map<String, String>, Double> created = new LinkedHashMap<>();
        private boolean hasSamples;

        Draft(String name, FamilyType type, boolean isWanted) {
            this.name = name;
            this.type = type;
            this.isWanted = isWanted;
        }
    }

    private final Page.Wanted wanted;
    private final Map<String, Draft> drafts = new LinkedHashMap<>();
    private int series;
    private int samples;
    private int malformed;
    private String firstProblem = "";

    PageBuilder(Page.Wanted wanted) {
        this.wanted = wanted;
    }

    @Nullable Draft known(String name) {
        return drafts.get(name);
    }

    /** The family of this name, made when it is new; absent past the limit. */
    @Nullable Draft family(String name, FamilyType type) {
        Draft known = drafts.get(name);
        if (known != null) {
            return known;
        }
        if (drafts.size() >= MOST_FAMILIES) {
            problem("more than " + MOST_FAMILIES + " families");
            return null;
        }
        Draft made = new Draft(name, type, name.equals(PROCESS_START) || isWanted(name, type));
        drafts.put(name, made);
        return made;
    }

    private boolean isWanted(String name, FamilyType type) {
        if (wanted.isWanted(Family.plainName(name, type))) {
            return true;
        }
        for (String part : PARTS_OF_OTHERS) {
            if (name.endsWith(part)) {
                String base = name.substring(0, name.length() - part.length());
                return wanted.isWanted(Family.plainName(base, type));
            }
        }
        return false;
    }

    /** Says that a sample of this family was there, wanted or not. */
    void sawSample(Draft family) {
        samples++;
        family.hasSamples = true;
    }

    void scalar(Draft family, Map<String, String> labels, double value) {
        boolean isOfACounterAndNone = family.type == FamilyType.COUNTER && value < 0;
        if (Math.abs(value) > HIGHEST || isOfACounterAndNone) {
            problem(family.name + " has a value of " + value + ", which is none");
        } else if (!Double.isNaN(value) && hasRoom(family.scalars, labels)) {
            family.scalars.put(labels, value);
        }
    }

    void created(Draft family, Map<String, String> labels, double epochSeconds) {
        if (hasRoom(family.created, labels)) {
            family.created.put(labels, epochSeconds);
        }
    }

    /** The histogram of these labels; absent past the limit. */
    @Nullable BucketDraft histogram(Draft family, Map<String, String> labels) {
        BucketDraft known = family.histograms.get(labels);
        if (known == null && hasRoom(family.histograms, labels)) {
            known = new BucketDraft();
            family.histograms.put(labels, known);
        }
        return known;
    }

    void histogram(Draft family, BucketSeries series) {
        if (hasRoom(family.histograms, series.labels())) {
            family.ready.add(series);
        }
    }

    private boolean hasRoom(Map<Map<String, String>, ?> known, Map<String, String> labels) {
        if (known.containsKey(labels)) {
            return true;
        }
        if (series >= MOST_SERIES) {
            problem("more than " + MOST_SERIES + " series of metrics that are read");
            return false;
        }
        series++;
        return true;
    }

    void problem(String what) {
        if (malformed++ == 0) {
            firstProblem = what;
        }
    }

    Page finish() throws MalformedPageException {
        if (samples == 0) {
            throw new MalformedPageException("the page holds no sample"
                    + (malformed == 0 ? "" : ": " + firstProblem)
                    + "; give the path of the metrics page, and switch metrics on at the server");
        }
        joinUntypedParts();
        joinCreated();
        List<Family> families = new ArrayList<>();
        TreeSet<String> passedOver = new TreeSet<>();
        for (Draft draft : drafts.values()) {
            if (draft.isWanted && draft.hasSamples && !draft.name.equals(PROCESS_START)) {
                families.add(finished(draft));
            } else if (isWorthNaming(draft) && passedOver.size() < MOST_PASSED_OVER) {
                passedOver.add(draft.name);
            }
        }
        return new Page(families, List.copyOf(passedOver), processStart(), malformed, firstProblem);
    }

    private static boolean isWorthNaming(Draft draft) {
        return draft.hasSamples && !draft.name.endsWith(CREATED) && !draft.name.equals(PROCESS_START);
    }

    private OptionalDouble processStart() {
        Draft draft = drafts.get(PROCESS_START);
        return draft == null
                ? OptionalDouble.empty()
                : draft.scalars.values().stream()
                        .mapToDouble(Double::doubleValue)
                        .max();
    }

    /** Without a type in the page, {@code x_sum} and {@code x_count} are known as parts once {@code x_bucket} came. */
    private void joinUntypedParts() {
        for (Draft histogram : List.copyOf(drafts.values())) {
            if (histogram.type == FamilyType.HISTOGRAM) {
                Draft sums = drafts.get(histogram.name + "_sum");
                Draft counts = drafts.get(histogram.name + "_count");
                for (Draft part : new Draft[] {sums, counts}) {
                    if (part != null && part.type == FamilyType.UNTYPED) {
                        drafts.remove(part.name);
                    }
                }
                histogram.histograms.forEach((labels, draft) -> {
                    if (sums != null && sums.scalars.containsKey(labels)) {
                        draft.sum(sums.scalars.get(labels));
                    }
                    if (counts != null && counts.scalars.containsKey(labels)) {
                        draft.count(counts.scalars.get(labels));
                    }
                });
            }
        }
    }

    /** Some clients write the time of creation as a gauge of its own beside each counter and histogram. */
    private void joinCreated() {
        for (Draft times : List.copyOf(drafts.values())) {
            if (times.name.endsWith(CREATED)) {
                String base = times.name.substring(0, times.name.length() - CREATED.length());
                for (String name : List.of(base, base + "_total")) {
                    Draft of = drafts.get(name);
                    if (of != null) {
                        of.created.putAll(times.scalars);
                        drafts.remove(times.name);
                    }
                }
            }
        }
    }

    private Family finished(Draft draft) {
        List<ScalarSeries> scalars = new ArrayList<>();
        draft.scalars.forEach(
                (labels, value) -> scalars.add(new ScalarSeries(labels, value, createdOf(draft, labels))));
        List<BucketSeries> histograms = new ArrayList<>(draft.ready);
        draft.histograms.forEach((labels, buckets) -> {
            OptionalDouble created = createdOf(draft, labels);
            if (buckets.isWithoutTotal()) {
                problem(draft.name + " has neither a bucket up to +Inf nor a _count, so that its total is not known");
            }
            buckets.finish(labels)
                    .ifPresent(series ->
                            histograms.add(created.isPresent() ? series.createdAt(created.getAsDouble()) : series));
        });
        return new Family(draft.name, draft.type, scalars, histograms);
    }

    private static OptionalDouble createdOf(Draft draft, Map<String, String> labels) {
        Double created = draft.created.get(labels);
        return created == null ? OptionalDouble.empty() : OptionalDouble.of(created);
    }
}
