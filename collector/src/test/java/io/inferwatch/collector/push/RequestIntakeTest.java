package io.inferwatch.collector.push;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies: their forms, their bounds, and what a broken one leaves behind: nothing. */
class RequestIntakeTest {
    private static final String GOOD = PushedBodies.GOOD;
    private final PushedBodies bodies = new PushedBodies();

    @Test
    void takesARecordALine_andAnArray_andOneObject() {
        assertThat(bodies.accepted(BodyFormat.NDJSON, GOOD + "\n\n  \r\n" + GOOD)
                        .accepted())
                .isEqualTo(2);
        assertThat(bodies.accepted(BodyFormat.JSON, " [\n" + GOOD + " ,\n" + GOOD + "]\n")
                        .accepted())
                .isEqualTo(2);
        assertThat(bodies.accepted(BodyFormat.JSON, "\n" + GOOD.replace(",", ",\n") + "\n")
                        .accepted())
                .isEqualTo(1);
        assertThat(bodies.journal().lastSequence())
                .as("one journal record a body")
                .isEqualTo(3);
        assertThat(bodies.observed().of("llm.ttft")).hasSize(5).allMatch(o -> o.scaled() == 10_000);
    }

    @Test
    void takesNothing_whenThereIsNothing() {
        assertThat(bodies.accepted(BodyFormat.NDJSON, "").accepted()).isZero();
        assertThat(bodies.accepted(BodyFormat.NDJSON, "\n \n").accepted()).isZero();
        assertThat(bodies.accepted(BodyFormat.JSON, "[ ]").accepted()).isZero();
        assertThat(bodies.journal().lastSequence()).isZero();
    }

    @Test
    void spoilsItsLineAlone_whenALineIsNoJson() {
        String body = String.join(
                "\n",
                GOOD,
                "{\"model\":\"m\"",
                "nonsense",
                GOOD + GOOD,
                GOOD + "1",
                "",
                "{\"model\":\"\u0007\"}",
                GOOD);
        IntakeReport report = bodies.accepted(BodyFormat.NDJSON, body);
        assertThat(report.accepted()).isEqualTo(2);
        assertThat(report.errors()).extracting(RecordError::line).containsExactly(2L, 3L, 4L, 5L, 7L);
        assertThat(report.errors()).allMatch(error -> error.rejection() == Rejection.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "x",
                "{",
                "[",
                "[{}",
                "[{} {}]",
                "[,]",
                "[{},]",
                "[{}]]",
                "{}{}",
                "{}\n{}",
                "[{]}",
                "[}",
                "[\"",
                "[\"\\",
                "[{\"model\":tru}]",
                "[{\"model\":\"m\",}]",
                "{\"model\":\"m\"}x",
                "[nul]",
                "[01]",
                "{\"a\"}"
            })
    void refusesTheWholeBody_whenItIsNoJson(String body) {
        String withGood = body.startsWith("[") ? "[" + GOOD + "," + body.substring(1) : body;
        assertThat(bodies.push(BodyFormat.JSON, body)).isInstanceOf(IntakeOutcome.Malformed.class);
        assertThat(bodies.push(BodyFormat.JSON, withGood)).isInstanceOf(IntakeOutcome.Malformed.class);
        assertThat(bodies.journal().lastSequence()).isZero();
        assertThat(bodies.requests().stats().accepted()).isZero();
        assertThat(bodies.requests().stats().bodiesRefused()).isEqualTo(2);
    }

    @Test
    void namesLineAndColumn_whereABodyIsBroken() {
        IntakeOutcome outcome = bodies.push(BodyFormat.JSON, "[\n" + GOOD + ",\n  {\"model\":\n    nope}]");
        assertThat(outcome).isInstanceOf(IntakeOutcome.Malformed.class);
        IntakeOutcome.Malformed malformed = (IntakeOutcome.Malformed) outcome;
        assertThat(malformed.line()).isEqualTo(4);
        assertThat(malformed.column()).isBetween(5L, 10L);
        assertThat(bodies.push(BodyFormat.JSON, "[{}\n,\n  ]"))
                .isEqualTo(new IntakeOutcome.Malformed("a record is missing", 3, 3));
    }

    @Test
    void refusesBrokenUtf8() {
        byte[] body = {'{', '"', 'm', 'o', 'd', 'e', 'l', '"', ':', '"', (byte) 0xFF, (byte) 0xFE, '"', '}'};
        assertThat(bodies.push(BodyFormat.JSON, body, IntakeOptions.DEFAULT))
                .isInstanceOf(IntakeOutcome.Malformed.class);
        assertThat(bodies.push(BodyFormat.NDJSON, body, IntakeOptions.DEFAULT))
                .isInstanceOf(IntakeOutcome.AllRejected.class);
    }

    @Test
    void refusesDeepNesting() {
        assertThat(bodies.push(BodyFormat.JSON, "[".repeat(100_000))).isInstanceOf(IntakeOutcome.Malformed.class);
        String deep = "{\"model\":\"m\",\"x\":" + "[".repeat(40) + "]".repeat(40) + "}";
        assertThat(bodies.error(deep).rejection()).isEqualTo(Rejection.TOO_DEEP);
        assertThat(bodies.accepted(BodyFormat.JSON, "[" + deep + "," + GOOD + "]")
                        .accepted())
                .isEqualTo(1);
    }

    @Test
    void leavesNothing_whenAllAreRejected() {
        IntakeOutcome outcome = bodies.push(BodyFormat.JSON, "{\"model\":1}");
        assertThat(outcome).isInstanceOf(IntakeOutcome.AllRejected.class);
        assertThat(bodies.journal().lastSequence()).isZero();
    }

    @Test
    void refusesALargerBody_havingReadItsRest() throws IOException {
        Endless body = new Endless("[", ' ', 7L << 20);
        assertThat(bodies.requests().accept(body, BodyFormat.JSON, IntakeOptions.DEFAULT))
                .isInstanceOf(IntakeOutcome.TooLarge.class);
        assertThat(body.left).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"model\":\"", "", GOOD_START})
    void readsBoundedly_whenABodyNeverEnds(String start) throws IOException {
        for (BodyFormat format : BodyFormat.values()) {
            for (char filler : new char[] {' ', 'x', '\n', '[', '"', '\\'}) {
                Endless body = new Endless(start, filler, 200L << 20);
                bodies.requests().accept(body, format, IntakeOptions.DEFAULT);
                assertThat(200L << 20).isGreaterThanOrEqualTo(body.left);
                assertThat((200L << 20) - body.left).isLessThan(70L << 20);
            }
        }
        assertThat(bodies.journal().lastSequence()).isZero();
    }

    private static final String GOOD_START = "{\"model\":\"m\"}\n";

    @Test
    void takesTenThousandRecords_andNotOneMore() {
        String all = (GOOD + "\n").repeat(10_000);
        assertThat(bodies.accepted(BodyFormat.NDJSON, all).accepted()).isEqualTo(10_000);
        assertThat(bodies.push(BodyFormat.NDJSON, all + GOOD)).isInstanceOf(IntakeOutcome.TooLarge.class);
        assertThat(bodies.journal().lastSequence()).isEqualTo(1);
    }

    @Test
    void rejectsARecordThatIsTooLarge_andKeepsThoseBesideIt() {
        for (int size : new int[] {65_537, 131_071, 131_072, 131_073, 200_000, 1_000_000}) {
            String prefix = "{\"model\":\"m\",\"x\":\"";
            String large = prefix + "y".repeat(size - prefix.length() - 2) + "\"}";
            assertThat(bodies.error(large).rejection()).isEqualTo(Rejection.TOO_LARGE);
            IntakeReport report = bodies.accepted(BodyFormat.JSON, "[" + GOOD + "," + large + "," + GOOD + "]");
            assertThat(report.accepted()).isEqualTo(2);
            assertThat(report.errors().getFirst().line()).isEqualTo(2);
        }
        String prefix = "{\"model\":\"m\",\"x\":\"";
        String largest = prefix + "y".repeat(65_536 - prefix.length() - 2) + "\"}";
        assertThat(bodies.accepted(BodyFormat.NDJSON, largest).accepted()).isEqualTo(1);
        assertThat(bodies.accepted(BodyFormat.JSON, largest).accepted()).isEqualTo(1);
    }

    /** A start and then one character over and over. */
    private static final class Endless extends InputStream {
        private final byte[] start;
        private final char filler;
        private int given;
        private long left;

        Endless(String start, char filler, long length) {
            this.start = start.getBytes(StandardCharsets.UTF_8);
            this.filler = filler;
            this.left = length;
        }

        @Override
        public int read() {
            if (left == 0) {
                return -1;
            }
            left--;
            return given < start.length ? start[given++] : filler;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            if (left == 0) {
                return -1;
            }
            if (given < start.length) {
                into[offset] = (byte) read();
                return 1;
            }
            int count = (int) Math.min(left, length);
            Arrays.fill(into, offset, offset + count, (byte) filler);
            left -= count;
            return count;
        }
    }
}
