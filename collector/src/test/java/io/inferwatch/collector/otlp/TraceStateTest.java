package io.inferwatch.collector.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.RequestAmount;
import io.inferwatch.collector.RequestMeasurement;
import io.inferwatch.collector.identity.IdentityHash;
import io.inferwatch.collector.identity.IdentityKey;
import io.inferwatch.collector.identity.IdentityPolicy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceStateTest {
    /** 1 % comes with the precision that its sampler chose. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ot=th:0|1000000000",
                "ot=th:8|500000000",
                "ot=th:c|250000000",
                "ot=th:fd70a4|9999990",
                "ot=th:ffffffffffffff|1",
                "ot=rv:9b8233f7e3a151;th:c|250000000",
                "ot=th:c;rv:9b8233f7e3a151|250000000",
                "a=b,ot=th:8,c=th:c|500000000",
                "a=b, ot=th:8 |500000000"
            })
    void aThreshold_isTheShareThatWasKept(String traceState, long nanoShares) {
        assertThat(TraceState.keptNanoShares(traceState)).hasValue(nanoShares);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a=b",
                "ot=rv:9b8233f7e3a151",
                "ot=th:",
                "ot=th:g",
                "ot=th:123456789abcdef",
                "not=th:8",
                "a=ot=th:8"
            })
    void noThreshold_saysNothing(String traceState) {
        assertThat(TraceState.keptNanoShares(traceState)).isEmpty();
    }

    @Test
    void theRequestKeepsIt_inBothForms() throws MalformedOtlpException {
        SpanWriter spans = new SpanWriter()
                .span(
                        "00000000000000a1",
                        "",
                        Span.SERVER,
                        1_000,
                        2_000,
                        "gen_ai.operation.name",
                        "chat",
                        "gen_ai.request.model",
                        "m")
                .sampled("ot=th:c");
        List<Span> read = new ArrayList<>();
        JsonTraces.read(spans.json(), read::add);
        ProtobufTraces.read(spans.protobuf(), read::add);
        SpanRequest mapping = new SpanRequest(new IdentityHash(IdentityPolicy.CLEAR, IdentityKey.of(new byte[32])));

        assertThat(read)
                .extracting(span ->
                        mapping.of(span).map(RequestMeasurement.Builder::build).orElseThrow())
                .hasSize(2)
                .allSatisfy(request ->
                        assertThat(request.amount(RequestAmount.SAMPLING_RATE)).hasValue(250_000_000));
    }
}
