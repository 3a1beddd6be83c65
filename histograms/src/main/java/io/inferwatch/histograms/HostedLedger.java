package io.inferwatch.histograms;

import io.inferwatch.collector.cost.hosted.EnergyFit;
import io.inferwatch.collector.cost.hosted.EnergyShares;
import io.inferwatch.collector.cost.hosted.HostedBill;
import io.inferwatch.collector.cost.hosted.Tariff;
import io.inferwatch.collector.cost.hosted.TokenCount;
import io.inferwatch.collector.cost.hosted.TokenWeights;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** What the GPUs of one server did in each step of a range, and what was served meanwhile. One thread. */
final class HostedLedger {
    private static final double MICROJOULES_PER_JOULE = 1e6;
    private static final double MILLIS_PER_SECOND = 1e3;
    /** Of the readings that a step usually has: with fewer it began late, or the driver was away. */
    private static final double WHOLE = 0.9;
    /** Cached tokens against computed ones, where only the latter were measured: as price lists of APIs have it. */
    private static final BigDecimal CACHED_TO_UNCACHED = TokenWeights.CONVENTION.cached();

    /** What is counted of a model. */
    enum Count {
        INPUT("llm.tokens.input"),
        CACHED("llm.tokens.cached"),
        OUTPUT("llm.tokens.output"),
        MILLISECONDS("llm.latency");

        private final String metric;

        Count(String metric) {
            this.metric = metric;
        }

        String metric() {
            return metric;
        }
    }

    private static final class Served {
        private final Map<Count, Double> counts = new EnumMap<>(Count.class);

        double of(Count count) {
            return counts.getOrDefault(count, 0.0);
        }

        TokenCount tokens() {
            return TokenCount.of(
                    Math.round(of(Count.INPUT)), Math.round(of(Count.CACHED)), Math.round(of(Count.OUTPUT)));
        }
    }

    private static final class Gpu {
        private long readings;
        private long microjoules;
        private OptionalDouble busyRatio = OptionalDouble.empty();
    }

    private static final class Step {
        private final Map<String, Gpu> gpus = new HashMap<>();
        private final Map<String, Served> models = new TreeMap<>();

        TokenCount tokens() {
            return models.values().stream().map(Served::tokens).reduce(TokenCount.NONE, TokenCount::plus);
        }
    }

    private final SortedMap<Long, Step> steps = new TreeMap<>();
    private final Map<String, List<Long>> readingsByGpu = new HashMap<>();

    private Step step(Answer.Point<Bracket> point) {
        return steps.computeIfAbsent(point.from().toEpochMilli(), start -> new Step());
    }

    void energy(String uuid, Answer.Point<Bracket> point) {
        Gpu gpu = step(point).gpus.computeIfAbsent(uuid, fresh -> new Gpu());
        gpu.readings = point.count();
        gpu.microjoules = Math.round(point.value().estimate() * MICROJOULES_PER_JOULE);
        readingsByGpu.computeIfAbsent(uuid, fresh -> new ArrayList<>()).add(point.count());
    }

    /** After the energy: a GPU without a meter has nothing to hand down. */
    void busy(String uuid, Answer.Point<Bracket> point) {
        Gpu gpu = step(point).gpus.get(uuid);
        if (gpu != null) {
            gpu.busyRatio = OptionalDouble.of(point.value().estimate() / 100);
        }
    }

    void served(String model, Count count, Answer.Point<Bracket> point) {
        step(point)
                .models
                .computeIfAbsent(model, fresh -> new Served())
                .counts
                .merge(count, point.value().estimate(), Double::sum);
    }

    boolean hasGpus() {
        return !readingsByGpu.isEmpty();
    }

    long tokens() {
        return steps.values().stream().mapToLong(step -> step.tokens().total()).sum();
    }

    /** Counts what another served as served here. */
    void takeOver(HostedLedger other) {
        other.steps.forEach((start, step) -> step.models.forEach((model, served) -> {
            Served mine = steps.computeIfAbsent(start, fresh -> new Step())
                    .models
                    .computeIfAbsent(model, fresh -> new Served());
            served.counts.forEach((count, value) -> mine.counts.merge(count, value, Double::sum));
        }));
    }

    /**
     * Works it all out.
     *
     * @param now the step that holds it is not over
     */
    HostedCost close(String server, Duration stepLength, Instant now, Tariff tariff) {
        Metering metering = new Metering(stepLength, now);
        HostedCost.Metered metered = metering.all();
        List<HostedCost.Model> models = models();
        TokenCount tokens = models.stream().map(HostedCost.Model::tokens).reduce(TokenCount.NONE, TokenCount::plus);
        EnergyFit fit = EnergyFit.of(metering.windows(gpu -> gpu.microjoules / MICROJOULES_PER_JOULE));
        HostedCost.Weighing weighing = weighing(tariff, metering);
        Optional<HostedBill> bill =
                HostedBill.of(metered.gpuSeconds(), metered.joules(), tokens, tariff, weighing.weights());
        EnergyShares shares = EnergyShares.of(
                metered.microjoules(),
                models.stream()
                        .map(model -> new EnergyShares.User(model.model(), model.tokens(), model.residencySeconds()))
                        .toList(),
                fit instanceof EnergyFit.Fitted fitted ? Optional.of(fitted.coefficients()) : Optional.empty());
        return new HostedCost(server, metered, models, fit, weighing, bill, tariff.co2Grams(metered.joules()), shares);
    }

    private List<HostedCost.Model> models() {
        Map<String, HostedCost.Model> sums = new TreeMap<>();
        steps.values()
                .forEach(step -> step.models.forEach((model, served) -> sums.merge(
                        model,
                        new HostedCost.Model(model, served.tokens(), served.of(Count.MILLISECONDS) / MILLIS_PER_SECOND),
                        (one, other) -> new HostedCost.Model(
                                model,
                                one.tokens().plus(other.tokens()),
                                one.residencySeconds() + other.residencySeconds()))));
        return List.copyOf(sums.values());
    }

    /** By how long a token keeps the GPUs busy, where that can be told. */
    private static HostedCost.Weighing weighing(Tariff tariff, Metering metering) {
        if (tariff.weights().isPresent()) {
            return new HostedCost.Weighing(tariff.weights().get(), HostedCost.Origin.CONFIGURED);
        }
        EnergyFit busy = EnergyFit.of(metering.windows(gpu -> gpu.busyRatio.orElse(Double.NaN) * metering.seconds()));
        if (busy instanceof EnergyFit.Fitted fitted
                && fitted.coefficients().joulesPerOutput() > 0
                && fitted.coefficients().joulesPerUncached() > 0) {
            BigDecimal output = BigDecimal.valueOf(fitted.coefficients().joulesPerOutput()
                    / fitted.coefficients().joulesPerUncached());
            return new HostedCost.Weighing(
                    new TokenWeights(BigDecimal.ONE, CACHED_TO_UNCACHED, output), HostedCost.Origin.MEASURED);
        }
        return new HostedCost.Weighing(TokenWeights.CONVENTION, HostedCost.Origin.CONVENTION);
    }

    /** How long each GPU was read in each step, by how many readings there are of the usual number. */
    private final class Metering {
        private final long stepMillis;
        private final long nowMillis;
        private final Map<String, Long> usual = new HashMap<>();

        Metering(Duration stepLength, Instant now) {
            stepMillis = stepLength.toMillis();
            nowMillis = now.toEpochMilli();
            readingsByGpu.forEach((uuid, counts) ->
                    usual.put(uuid, counts.stream().sorted().toList().get(counts.size() / 2)));
        }

        double seconds() {
            return stepMillis / MILLIS_PER_SECOND;
        }

        private double share(String uuid, Gpu gpu) {
            return Math.min(1.0, (double) gpu.readings / usual.getOrDefault(uuid, 1L));
        }

        private double elapsedSeconds(long start) {
            return Math.clamp(nowMillis - start, 0, stepMillis) / MILLIS_PER_SECOND;
        }

        HostedCost.Metered all() {
            double gpuSeconds = 0;
            double toldSeconds = 0;
            double busySeconds = 0;
            long microjoules = 0;
            for (Map.Entry<Long, Step> entry : steps.entrySet()) {
                for (Map.Entry<String, Gpu> each : entry.getValue().gpus.entrySet()) {
                    Gpu gpu = each.getValue();
                    double seconds = Math.min(share(each.getKey(), gpu) * seconds(), elapsedSeconds(entry.getKey()));
                    gpuSeconds += seconds;
                    microjoules += gpu.microjoules;
                    toldSeconds += gpu.busyRatio.isPresent() ? seconds : 0;
                    busySeconds += gpu.busyRatio.orElse(0) * seconds;
                }
            }
            return new HostedCost.Metered(
                    readingsByGpu.size(),
                    BigDecimal.valueOf(gpuSeconds),
                    microjoules,
                    toldSeconds > 0 ? OptionalDouble.of(busySeconds / toldSeconds) : OptionalDouble.empty());
        }

        /** The steps that are over and in which every GPU was read throughout. */
        List<EnergyFit.Window> windows(ToDoubleFunction<Gpu> meter) {
            List<EnergyFit.Window> windows = new ArrayList<>();
            steps.forEach((start, step) -> {
                TokenCount tokens = step.tokens();
                double read = step.gpus.values().stream().mapToDouble(meter).sum();
                if (start + stepMillis <= nowMillis && isWhole(step) && Double.isFinite(read)) {
                    windows.add(new EnergyFit.Window(seconds(), tokens.uncached(), tokens.output(), read));
                }
            });
            return windows;
        }

        private boolean isWhole(Step step) {
            return step.gpus.size() == readingsByGpu.size()
                    && step.gpus.entrySet().stream().allMatch(each -> share(each.getKey(), each.getValue()) >= WHOLE);
        }
    }
}
