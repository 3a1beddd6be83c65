package io.inferwatch.collector.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.RecordingSink;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Random input: what is right comes through to the last digit, what is wrong ends in an outcome and never in a throw. */
class HostileInputTest {
    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private final PushedBodies bodies = new PushedBodies();

    /** Gives its bytes in pieces of random length, as a network does. */
    private InputStream inPieces(byte[] bytes) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] into, int offset, int length) {
                return super.read(into, offset, Math.min(length, 1 + random.nextInt(300)));
            }
        };
    }

    private IntakeOutcome push(BodyFormat format, byte[] body) throws IOException {
        return bodies.requests().accept(inPieces(body), format, new IntakeOptions(random.nextBoolean(), false));
    }

    @Test
    void neverThrows_whateverTheBytes() throws IOException {
        String sound = "[" + String.join(",\n", rich(), PushedBodies.GOOD, rich()) + "]";
        for (int i = 0; i < 4000; i++) {
            boolean isArray = random.nextBoolean();
            byte[] body = (isArray
                            ? sound
                            : sound.substring(1, sound.length() - 1).replace(",\n", "\n"))
                    .getBytes(StandardCharsets.UTF_8);
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                body[random.nextInt(body.length)] = (byte)
                        (random.nextBoolean() ? random.nextInt() : "{}[],:\"\\\n0-e.".charAt(random.nextInt(13)));
            }
            IntakeOutcome outcome = push(isArray ? BodyFormat.JSON : BodyFormat.NDJSON, body);
            assertThat(outcome).as("seed " + seed + ", round " + i).isNotNull();
        }
        assertThat(bodies.observed().losses()).as("seed " + seed).isEmpty();
        // The parsers are as good as new after all that.
        assertThat(bodies.accepted(BodyFormat.NDJSON, PushedBodies.GOOD).accepted())
                .isEqualTo(1);
    }

    private static String rich() {
        return "{\"model\":\"größe-\\u00e9\",\"request_id\":\"r-1\",\"attempt\":2,\"ttft_ms\":1.5,\"latency_ms\":2e1,\"output_tokens\":7,"
                + "\"labels\":{\"a\":\"b\"},\"safety_flags\":[\"x\"],\"params\":{\"t\":[0.7,{}]},\"time\":1790000000000,\"stream\":true,"
                + "\"nested\":{\"x\":[1,2,{\"y\":null}]},\"outcome\":\"error\",\"cost_usd\":0.000123}";
    }

    @Test
    void countsEachNumberExactly_howeverItIsWritten() {
        for (int round = 0; round < 300; round++) {
            BigDecimal value = new BigDecimal(new BigInteger(1 + random.nextInt(60), random), random.nextInt(22) - 4);
            String written = random.nextBoolean() ? value.toString() : value.toPlainString();
            BigDecimal micros = value.movePointRight(3).setScale(0, RoundingMode.HALF_UP);
            IntakeOutcome outcome = bodies.push(BodyFormat.JSON, "{\"model\":\"m\",\"queue_ms\":" + written + "}");
            boolean fits = micros.compareTo(BigDecimal.valueOf(86_400_000_000L)) <= 0;
            assertThat(outcome)
                    .as("seed " + seed + ": " + written)
                    .isInstanceOf(fits ? IntakeOutcome.Accepted.class : IntakeOutcome.AllRejected.class);
            if (fits) {
                assertThat(bodies.observed().of("llm.queue").getLast().scaled())
                        .as("seed " + seed + ": " + written)
                        .isEqualTo(micros.longValueExact());
            }
        }
    }

    @Test
    void bringsBackWhatWasPushed_recordByRecord() throws IOException {
        List<Map<String, Object>> sent = new ArrayList<>();
        StringBuilder body = new StringBuilder();
        for (int i = 0; i < 3000; i++) {
            Map<String, Object> record = record(i);
            sent.add(record);
            body.append(json(record)).append(random.nextInt(10) == 0 ? "\r\n" : "\n");
        }
        IntakeOutcome outcome = push(BodyFormat.NDJSON, body.toString().getBytes(StandardCharsets.UTF_8));
        assertThat(outcome).as("seed " + seed).isInstanceOf(IntakeOutcome.Accepted.class);
        assertThat(((IntakeOutcome.Accepted) outcome).report().accepted())
                .as("seed " + seed)
                .isEqualTo(3000);

        RecordingSink seen = bodies.observed();
        assertThat(seen.of("llm.requests")).hasSize(3000);
        for (String[] pair : new String[][] {
            {"queue_ms", "llm.queue"}, {"latency_ms", "llm.latency"}, {"output_tokens", "llm.tokens.output"}
        }) {
            List<String> expected = sent.stream()
                    .filter(r -> r.containsKey(pair[0]))
                    .map(r -> r.get("request_id") + "=" + r.get(pair[0]))
                    .toList();
            long steps = pair[0].endsWith("_ms") ? 1000 : 1;
            List<String> found = seen.of(pair[1]).stream()
                    .map(o -> o.requestId() + "=" + o.scaled() / steps)
                    .toList();
            assertThat(found).as("seed " + seed + ": " + pair[0]).isEqualTo(expected);
        }
        List<Object> models = sent.stream().map(r -> r.get("model")).toList();
        assertThat(seen.of("llm.requests"))
                .extracting(o -> (Object) o.labels().get("model").orElseThrow())
                .isEqualTo(models);
        assertThat(RecordingSink.of(bodies.collector()).observations())
                .as("a replay sees the same")
                .isEqualTo(seen.observations());
    }

    private Map<String, Object> record(int i) {
        Map<String, Object> record = new TreeMap<>();
        record.put("model", "модель-" + random.nextInt(5) + "🚀");
        record.put("request_id", "id-" + i);
        maybe(record, "queue_ms", random.nextInt(1000));
        maybe(record, "latency_ms", random.nextInt(100_000));
        maybe(record, "output_tokens", random.nextInt(5000));
        maybe(record, "route", "r" + random.nextInt(6000));
        maybe(record, "trace_id", Long.toHexString(random.nextLong()));
        maybe(record, "tenant", "t" + random.nextInt(3));
        return record;
    }

    private void maybe(Map<String, Object> record, String field, Object value) {
        if (random.nextBoolean()) {
            record.put(field, value);
        }
    }

    private static String json(Map<String, Object> record) {
        List<String> fields = new ArrayList<>();
        record.forEach((name, value) ->
                fields.add("\"" + name + "\": " + (value instanceof String ? "\"" + value + "\"" : value)));
        return "{" + String.join(", ", fields) + "}";
    }
}
