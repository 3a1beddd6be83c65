package io.inferwatch.api.http;

import io.inferwatch.api.app.Live;
import io.inferwatch.histograms.Answer;
import io.inferwatch.histograms.Bracket;
import io.inferwatch.histograms.Queries;
import io.inferwatch.histograms.QueryRange;
import io.inferwatch.histograms.Selection;
import io.micronaut.http.HttpParameters;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import io.micronaut.http.server.types.files.StreamedFile;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;

/** Windows for other tools, streamed: however long the range, a stretch of it is in memory. */
@Controller("/api/v1/export")
@ExecuteOn(HttpPool.NAME)
final class ExportController {
    private static final MediaType CSV = new MediaType("text/csv; charset=utf-8");
    private static final Duration STEP = Duration.ofSeconds(10);

    private final Live live;
    private final KnownLabels labels;

    ExportController(Live live, KnownLabels labels) {
        this.live = live;
        this.labels = labels;
    }

    @Get
    @Produces(MediaType.ALL)
    HttpResponse<StreamedFile> export(HttpRequest<?> request) {
        HttpParameters parameters = request.getParameters();
        SelectionParameters.requireKnownNames(parameters, "p", "format");
        Selection selection = SelectionParameters.read(parameters, labels);
        QueryRange range = range(parameters);
        Queries queries = live.parts().queries();
        String format = parameters.getFirst("format").orElse("csv");
        return switch (format) {
            case "csv" -> csv(parameters, selection, range, queries);
            case "hlog" -> answer(queries.histogramLogs(selection, range), MediaType.TEXT_PLAIN_TYPE);
            default -> throw ProblemException.badRequest("format: \"" + format + "\" is neither csv nor hlog");
        };
    }

    private static HttpResponse<StreamedFile> csv(
            HttpParameters parameters, Selection selection, QueryRange range, Queries queries) {
        CsvRows csv = new CsvRows(
                selection.metric(),
                selection.by(),
                QueryController.ranks(parameters.getFirst("p").orElse("50,90,95,99,99.9")));
        Iterator<Answer<List<Bracket>>> answers = queries.rows(selection, csv.aggregates(), range);
        byte[] header = csv.header().getBytes(StandardCharsets.UTF_8);
        return answer(
                new Iterator<>() {
                    private boolean isBegun;

                    @Override
                    public boolean hasNext() {
                        return !isBegun || answers.hasNext();
                    }

                    @Override
                    public byte[] next() {
                        if (!isBegun) {
                            isBegun = true;
                            return header;
                        }
                        return csv.rows(answers.next());
                    }
                },
                CSV);
    }

    private static HttpResponse<StreamedFile> answer(Iterator<byte[]> pieces, MediaType type) {
        return HttpResponse.ok(new StreamedFile(new PiecesStream(pieces), type));
    }

    private QueryRange range(HttpParameters parameters) {
        Instant now = live.parts().clock().instant();
        Instant to = Times.required("to", parameters.getFirst("to").orElse("now"), now);
        Instant from = Times.required("from", parameters.getFirst("from").orElse("-1h"), now);
        Duration step = parameters
                .getFirst("step")
                .map(text -> Times.requiredDuration("step", text))
                .orElse(STEP);
        return QueryRange.stepped(from, to, step);
    }
}
