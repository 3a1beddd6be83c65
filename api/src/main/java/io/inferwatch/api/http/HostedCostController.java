package io.inferwatch.api.http;

import io.inferwatch.api.app.Live;
import io.inferwatch.histograms.HostedCosts;
import io.inferwatch.rules.yaml.Durations;
import io.micronaut.http.HttpParameters;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.time.Duration;
import java.time.Instant;

/** What tokens cost on GPUs of one's own. */
@Controller("/api/v1/cost/hosted")
@ExecuteOn(HttpPool.NAME)
final class HostedCostController {
    /** Beyond it nothing is kept. */
    private static final Duration LONGEST = Duration.ofDays(400);

    private final Live live;

    HostedCostController(Live live) {
        this.live = live;
    }

    @Get
    Object hosted(HttpRequest<?> request) {
        HttpParameters parameters = request.getParameters();
        SelectionParameters.requireOnly(parameters, "from", "to");
        Instant now = live.parts().clock().instant();
        Instant to = Times.required("to", parameters.getFirst("to").orElse("now"), now);
        Instant from = Times.required("from", parameters.getFirst("from").orElse("-1h"), now);
        if (Duration.between(from, to).compareTo(LONGEST) > 0) {
            throw ProblemException.badRequest("from: " + Times.format(from) + " is more than 400 days before to, "
                    + Times.format(to) + "; ask for less");
        }
        HostedCosts.Report report = live.parts().hostedCosts().over(from, to);
        return Shape.object()
                .with("from", Times.format(report.from()))
                .with("to", Times.format(report.to()))
                .with("step", Durations.format(report.step()))
                .with(
                        "servers",
                        report.servers().stream().map(HostedCostShape::of).toList())
                .with("unplaced_tokens", report.unplacedTokens())
                .done();
    }
}
