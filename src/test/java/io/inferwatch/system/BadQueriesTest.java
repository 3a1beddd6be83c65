package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.system.support.Answer;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.Traffic;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A query that cannot be answered says why, and names what was probably meant. */
class BadQueriesTest {
    private static RunningSidecar sidecar;

    @BeforeAll
    static void start() {
        sidecar = RunningSidecar.with().start();
        sidecar.api().push(new Traffic(5, "b").take(10, 1, "chat"));
        Await.until(
                "visible",
                Duration.ofSeconds(10),
                () -> !sidecar.api()
                        .read("/api/v1/percentiles", "metric", "llm.ttft")
                        .path("series")
                        .isEmpty());
    }

    @AfterAll
    static void stop() {
        sidecar.close();
    }

    @ParameterizedTest
    @CsvSource({
        "percentiles?metric=llm.tftt,llm.ttft",
        "percentiles?metric=gpu.sm.utilisation,gpu.sm.utilization",
        "percentiles?metric=llm.ttft&by=modle,model",
        "percentiles?metric=llm.ttft&where=modell:alpha,model",
        "windows?metric=llm.tftt&agg=avg,llm.ttft",
        "share?metric=llm.tftt&above=1ms,llm.ttft",
        "heatmap?metric=llm.tftt,llm.ttft",
        "histograms?metric=llm.tftt,llm.ttft",
        "series?metric=llm.tftt,llm.ttft",
        "percentiles?metric=llm.ttft&form=-1h,from",
        "share?metric=llm.ttft&abov=1ms,above",
        "windows?metric=llm.ttft&agg=avg&were=model:alpha,where",
    })
    void unknownName_is400WithTheNearest(String query, String nearest) {
        Answer answer = sidecar.api().get("/api/v1/" + query);

        assertThat(answer.status()).as("%s", answer).isEqualTo(400);
        assertThat(answer.isProblem()).as("%s", answer).isTrue();
        assertThat(answer.text()).contains(nearest);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "percentiles",
                "percentiles?metric=",
                "percentiles?metric=llm.ttft&p=101",
                "percentiles?metric=llm.ttft&p=-1",
                "percentiles?metric=llm.ttft&p=50,,99",
                "percentiles?metric=llm.ttft&p=50,",
                "percentiles?metric=llm.ttft&by=model,,route",
                "percentiles?metric=llm.ttft&p=fast",
                "percentiles?metric=llm.ttft&p=NaN",
                "percentiles?metric=llm.ttft&from=yesterday",
                "percentiles?metric=llm.ttft&to=1h",
                "percentiles?metric=llm.ttft&from=-5m&to=-10m",
                "percentiles?metric=llm.ttft&step=often",
                "percentiles?metric=llm.ttft&step=0s",
                "percentiles?metric=llm.ttft&step=-10s",
                "percentiles?metric=llm.ttft&where=model",
                "percentiles?metric=llm.ttft&observer=nobody",
                "windows?metric=llm.ttft",
                "windows?metric=llm.ttft&agg=mean",
                "windows?metric=gpu.power&agg=sum",
                "windows?metric=gpu.power&agg=count",
                "windows?metric=gpu.power&agg=rate",
                "windows?metric=gpu.power&agg=avg&across=median",
                "share?metric=llm.ttft",
                "share?metric=llm.ttft&above=1ms&below=2ms",
                "share?metric=llm.ttft&above=5C",
                "share?metric=llm.ttft&above=fast",
                "heatmap?metric=llm.ttft&columns=0",
                "heatmap?metric=llm.ttft&columns=many",
            })
    void badQuery_is400AndSaysWhy(String query) {
        Answer answer = sidecar.api().get("/api/v1/" + query);

        assertThat(answer.status()).as("%s", answer).isEqualTo(400);
        assertThat(answer.isProblem()).as("%s", answer).isTrue();
        assertThat(answer.json().path("detail").asText()).isNotEmpty();
        assertThat(answer.json().path("status").asInt()).isEqualTo(400);
    }
}
