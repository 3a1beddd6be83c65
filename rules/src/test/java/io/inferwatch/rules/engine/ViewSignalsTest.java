package io.inferwatch.rules.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.rules.AlertTransition;
import io.inferwatch.rules.load.LoadResult;
import io.inferwatch.rules.load.ReceiverChecker;
import io.inferwatch.rules.load.RuleLoader;
import io.inferwatch.rules.testing.EngineRun;
import io.inferwatch.rules.testing.RuleTexts;
import io.inferwatch.rules.testing.ScriptedView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Signals answered from windows: zero against missing, ratios, growing windows, arithmetic. */
class ViewSignalsTest {
    private static final Instant START = EngineRun.START;

    private static RuleEngine pack() {
        LoadResult pack = new RuleLoader(Set.of(), ReceiverChecker.NONE).load(List.of());
        return new RuleEngine(pack.rules().orElseThrow(), ExpectedInstances.ALL);
    }

    private static LabelSet request(String outcome) {
        return LabelSet.of("model", "m", "server", "s", "outcome", outcome);
    }

    private static List<String> run(RuleEngine engine, ScriptedView view, Instant from, Duration time) {
        List<String> opened = new ArrayList<>();
        for (Instant t = from; !t.isAfter(from.plus(time)); t = t.plusSeconds(5)) {
            for (AlertTransition transition : engine.tick(t, view.at(t)).transitions()) {
                if (transition instanceof AlertTransition.Opened opening) {
                    opened.add(Duration.between(START, t).toSeconds() + " "
                            + opening.alert().key().rule()
                            + (EngineRun.text(opening.alert()).equals("firing P3") ? " P3" : ""));
                }
            }
        }
        return opened;
    }

    @Test
    void anOutageOfTimeoutsPages_atThreeRequestsInFiveMinutes() {
        for (String outcome : List.of("timeout", "error")) {
            ScriptedView view = new ScriptedView();
            for (int second = -3600; second < 1800; second += 100) {
                view.add("llm.requests", request(second < 0 ? "success" : outcome), START.plusSeconds(second), 1);
            }
            List<String> opened = run(pack(), view, START.minusSeconds(600), Duration.ofMinutes(30));
            assertThat(opened).as(outcome).containsExactly("400 all_failing");
        }
    }

    @Test
    void oneFailureInAHundredPagesNobody() {
        ScriptedView view = new ScriptedView();
        for (int second = -1200; second < 1200; second++) {
            view.add("llm.requests", request(second % 110 == 0 ? "error" : "success"), START.plusSeconds(second), 1);
        }
        assertThat(run(pack(), view, START, Duration.ofMinutes(15)))
                .as("a line in the digest: more than a 99.5 % objective allows in the long run")
                .containsExactly("300 availability_budget P3");
    }

    private static RuleEngine engine(String signals, String leaf) {
        return new RuleEngine(RuleTexts.rules("""
                version: 1
                signals:
                %s
                rules: {r: {tiers: {P2: {%s}}}}
                """.formatted(signals.indent(2), leaf)), ExpectedInstances.ALL);
    }

    private static String why(RuleEngine engine, ScriptedView view) {
        engine.tick(START, view.at(START));
        return engine.snapshot().rules().getFirst().instances().stream()
                .map(i -> io.inferwatch.rules.WhyText.of(i.why()))
                .toList()
                .toString();
    }

    @Test
    void anEmptyCountIsZeroWhileTheSourceIsLive_andMissingWhenItIsNot() {
        RuleEngine engine =
                engine("n: {metric: llm.requests, agg: increase, over: 5m, by: [model]}", "signal: n, below: 1");
        ScriptedView view = new ScriptedView();
        view.add("llm.requests", request("success"), START.minusSeconds(1200), 1);
        assertThat(why(engine, view)).isEqualTo("[n=0 < 1]");
        view.live(false);
        assertThat(why(engine, view)).isEqualTo("[n unknown: no samples]");
    }

    @Test
    void anEmptyAverageIsMissing_andSoIsACountBelowItsMinSamples() {
        ScriptedView view = new ScriptedView();
        view.add("llm.ttft", request("success"), START.minusSeconds(1200), 1);
        view.add("llm.requests", request("success"), START.minusSeconds(100), 1);
        assertThat(why(engine("a: {metric: llm.ttft, agg: avg, over: 5m}", "signal: a, above: 1s"), view))
                .isEqualTo("[a unknown: no samples]");
        assertThat(why(
                        engine(
                                "n: {metric: llm.requests, agg: increase, over: 5m, min_samples: 5}",
                                "signal: n, below: 9"),
                        view))
                .isEqualTo("[n unknown: 1 samples of 5]");
    }

    @Test
    void aMissingPartIsZero_andAMissingWholeIsMissing() {
        String ratio = """
            r: {ratio: {part: {metric: llm.requests, where: {outcome: error}}, whole: {metric: llm.requests}}, over: 5m, UNIT}
            """;
        ScriptedView view = new ScriptedView();
        view.add("llm.requests", request("success"), START.minusSeconds(60), 1);
        RuleEngine engine = engine(ratio.replace("UNIT", "unit: ratio"), "signal: r, above: 1%");
        assertThat(why(engine, view)).isEqualTo("[r=0% not > 1%]");
        view.add("llm.requests", request("error"), START.minusSeconds(50), 1);
        RuleEngine percent = engine(ratio.replace("UNIT", "unit: percent"), "signal: r, above: 40%");
        assertThat(why(percent, view)).isEqualTo("[r=50% > 40%]");
        ScriptedView old = new ScriptedView();
        old.add("llm.requests", request("success"), START.minusSeconds(600), 1);
        assertThat(why(engine, old)).isEqualTo("[r unknown: no samples]");
    }

    @Test
    void arithmeticConvertsUnits_andJoinsOnSharedLabels() {
        ScriptedView view = new ScriptedView();
        view.add("llm.ttft", request("success"), START.minusSeconds(10), 300);
        view.add("server.uptime", LabelSet.of("server", "s"), START.minusSeconds(10), 2);
        String signals = """
            t: {metric: llm.ttft, agg: avg, over: 1m, by: [model, server]}
            u: {metric: server.uptime, agg: last, over: 1m, by: [server]}
            both: {expr: "max(t, u) + abs(-t) * 2", unit: ms}
            share: {expr: "t / u", unit: percent}
            nothing: {expr: "t / (u - u)"}
            """;
        assertThat(why(engine(signals, "signal: both, above: 1s"), view)).isEqualTo("[both=2.6s > 1s]");
        assertThat(why(engine(signals, "signal: share, above: 10%"), view)).isEqualTo("[share=15% > 10%]");
        assertThat(why(engine(signals, "signal: nothing, above: 1"), view))
                .isEqualTo("[nothing unknown: the expression has no finite value]");
    }
}
