package io.inferwatch.histograms;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.collector.cost.hosted.Tariff;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What tokens cost on GPUs of one's own: joins the meters of the GPUs with the tokens served, server by server, minute by
 * minute. Any thread.
 *
 * <p>The tokens and the time of a request count in the minute in which it finished.
 */
public final class HostedCosts {
    private static final List<LabelMatcher> ANY_OUTCOME = List.of(new LabelMatcher("outcome", List.of("*"), false));
    private static final Duration SHORTEST_STEP = Duration.ofMinutes(1);
    /** A day of minutes; longer ranges have longer steps. */
    private static final long MOST_STEPS = 1_440;

    private final Queries queries;
    private final Tariff tariff;
    private final InstantSource clock;

    /**
     * @param from the range used: that asked for, widened
     * @param unplacedTokens served by servers without a GPU that names them; they bear nothing
     */
    public record Report(Instant from, Instant to, Duration step, List<HostedCost> servers, long unplacedTokens) {
        public Report {
            servers = List.copyOf(servers);
        }
    }

    private interface Taker {
        void take(HostedLedger ledger, LabelSet labels, Answer.Point<Bracket> point);
    }

    public HostedCosts(Queries queries, Tariff tariff, InstantSource clock) {
        this.queries = queries;
        this.tariff = tariff;
        this.clock = clock;
    }

    /** @throws UnfitQueryException when the range ends before it begins */
    public Report over(Instant from, Instant to) {
        QueryRange range = QueryRange.whole(from, to);
        long spread = Duration.between(from, to).toMillis();
        Duration step = Duration.ofMillis(Math.max(SHORTEST_STEP.toMillis(), Math.ceilDiv(spread, MOST_STEPS)));
        QueryRange stepped = QueryRange.stepped(range.from(), range.to(), step);
        Map<String, HostedLedger> ledgers = new TreeMap<>();
        Answer<Bracket> energy = take(
                ledgers,
                "gpu.energy",
                Aggregate.Basic.SUM,
                "uuid",
                stepped,
                (ledger, gpu, point) -> ledger.energy(gpu.get("uuid").orElse(""), point));
        take(
                ledgers,
                "gpu.utilization",
                Aggregate.Basic.AVG,
                "uuid",
                stepped,
                (ledger, gpu, point) -> ledger.busy(gpu.get("uuid").orElse(""), point));
        for (HostedLedger.Count count : HostedLedger.Count.values()) {
            take(
                    ledgers,
                    count.metric(),
                    Aggregate.Basic.SUM,
                    "model",
                    stepped,
                    (ledger, model, point) -> ledger.served(model.get("model").orElse(""), count, point));
        }
        long unplaced = placeTokens(ledgers);
        Duration used = energy.step().orElse(step);
        List<HostedCost> costs = new ArrayList<>();
        ledgers.forEach((server, ledger) -> {
            if (ledger.hasGpus()) {
                costs.add(ledger.close(server, used, clock.instant(), tariff));
            }
        });
        return new Report(energy.from(), energy.to(), used, costs, unplaced);
    }

    private Answer<Bracket> take(
            Map<String, HostedLedger> ledgers,
            String metric,
            Aggregate aggregate,
            String per,
            QueryRange range,
            Taker taker) {
        Selection selection = new Selection(
                MetricCatalogue.require(metric),
                metric.startsWith("llm.") ? ANY_OUTCOME : List.of(),
                List.of("server", per),
                Across.DEFAULT,
                Optional.empty());
        Answer<Bracket> answer = queries.aggregate(selection, aggregate, range);
        for (Answer.Group<Bracket> group : answer.groups()) {
            HostedLedger ledger =
                    ledgers.computeIfAbsent(group.labels().get("server").orElse(""), server -> new HostedLedger());
            group.points().forEach(point -> taker.take(ledger, group.labels(), point));
        }
        return answer;
    }

    /** Where all GPUs stand in one ledger, whoever served tokens here did it on them, by whatever name. */
    private static long placeTokens(Map<String, HostedLedger> ledgers) {
        List<HostedLedger> withGpus =
                ledgers.values().stream().filter(HostedLedger::hasGpus).toList();
        long unplaced = 0;
        for (HostedLedger ledger : ledgers.values()) {
            if (!ledger.hasGpus() && withGpus.size() == 1) {
                withGpus.getFirst().takeOver(ledger);
            } else if (!ledger.hasGpus()) {
                unplaced += ledger.tokens();
            }
        }
        return unplaced;
    }
}
