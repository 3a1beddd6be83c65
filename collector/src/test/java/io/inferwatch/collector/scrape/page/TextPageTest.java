package io.inferwatch.collector.scrape.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TextPageTest {
    private static Page read(String text) throws MalformedPageException {
        return Page.read(text.getBytes(StandardCharsets.UTF_8), "text/plain; version=0.0.4", name -> true);
    }

    private static BucketSeries histogram(Page page, String family) {
        return page.families().stream()
                .filter(each -> each.name().equals(family))
                .findFirst()
                .orElseThrow()
                .histograms()
                .getFirst();
    }

    private static double value(Page page, String family) {
        return page.families().stream()
                .filter(each -> each.name().equals(family))
                .findFirst()
                .orElseThrow()
                .scalars()
                .getFirst()
                .value();
    }

    @Test
    void exponentsOfThreeDigits_andWholeFloats_areNumbers() throws MalformedPageException {
        Page page = read("# TYPE a gauge\na 2.673514496e+010\n# TYPE b counter\nb_total 8.6447585e+07\n");
        assertThat(value(page, "a")).isEqualTo(26_735_144_960.0);
        assertThat(value(page, "b")).isEqualTo(86_447_585);
    }

    @Test
    void theType_tellsAHistogram_whateverItIsCalled() throws MalformedPageException {
        Page page = read("""
                # HELP v:iteration_tokens_total Tokens a step.\s
                # TYPE v:iteration_tokens_total histogram
                v:iteration_tokens_total_bucket{le="1.0",m="x"} 3.0
                v:iteration_tokens_total_bucket{le="+Inf",m="x"} 5.0
                v:iteration_tokens_total_sum{m="x"} 40.0
                v:iteration_tokens_total_count{m="x"} 5.0
                """);
        BucketSeries series = histogram(page, "v:iteration_tokens_total");
        assertThat(series.bounds()).containsExactly(1.0);
        assertThat(series.cumulative()).containsExactly(3, 5);
        assertThat(series.sum()).hasValue(40);
        assertThat(series.labels()).isEqualTo(Map.of("m", "x"));
    }

    @Test
    void theBound_mayStandAnywhereAmongTheLabels() throws MalformedPageException {
        Page page = read("""
                # TYPE h histogram
                h_bucket{a="1",le="2",b="2"} 1
                h_bucket{le="+Inf",b="2",a="1"} 4
                h_bucket{b="2",a="1",le="1"} 0
                """);
        BucketSeries series = histogram(page, "h");
        assertThat(series.bounds()).containsExactly(1, 2);
        assertThat(series.cumulative()).containsExactly(0, 1, 4);
    }

    @Test
    void withoutABucketOfAll_theCountSaysHowManyThereAre() throws MalformedPageException {
        assertThat(histogram(read("# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_count 7\n"), "h")
                        .cumulative())
                .containsExactly(2, 7);
    }

    /** What lies past the last bound may be the most of them: no percentile is known of such a one. */
    @Test
    void aHistogramThatDoesNotTellItsTotal_isNone() throws MalformedPageException {
        Page page = read("# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_sum 3\n");
        assertThat(page.families().getFirst().histograms()).isEmpty();
        assertThat(page.firstProblem()).startsWith("h has neither a bucket up to +Inf nor a _count");
    }

    @Test
    void whatNoCounterCanBe_andNoLevelIs_isNotRead() throws MalformedPageException {
        Page page = read("# TYPE a counter\na_total -3\n# TYPE b gauge\nb 1e300\n# TYPE c gauge\nc -1\nd NaN\n");
        assertThat(page.families().stream().filter(each -> !each.scalars().isEmpty()))
                .extracting(Family::name)
                .containsExactly("c");
        assertThat(page.malformedLines()).isEqualTo(2);
        assertThat(page.firstProblem()).isEqualTo("a has a value of -3.0, which is none");
    }

    @Test
    void aLineWithoutAnEnd_isNotRead() throws MalformedPageException {
        Page page = read("good 1\nlast 12");
        assertThat(page.families()).extracting(Family::name).containsExactly("good");
        assertThat(page.firstProblem()).isEqualTo("line 2 has no end: the page was cut there");
    }

    @Test
    void anOpenMetricsPageWithoutItsEnd_wasCut() {
        byte[] cut = "# TYPE a gauge\na 1\n".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> Page.read(cut, "application/openmetrics-text; version=1.0.0", name -> true))
                .isInstanceOf(MalformedPageException.class)
                .hasMessageContaining("# EOF");
    }

    @Test
    void aBucket_mayLackItsSuffix() throws MalformedPageException {
        Page page = read("# TYPE h histogram\nh{le=\"1\"} 2\nh{le=\"+Inf\"} 3\nh_sum 9\n");
        assertThat(histogram(page, "h").cumulative()).containsExactly(2, 3);
    }

    @Test
    void aPageWithoutTypes_isUnderstoodByItsParts() throws MalformedPageException {
        Page page = read("h_count 3\nh_sum 4.5\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 3\nc_total 5\n");
        assertThat(histogram(page, "h").sum()).hasValue(4.5);
        assertThat(value(page, "c_total")).isEqualTo(5);
    }

    /** As Triton's own manual has it. */
    @Test
    void aTypeUnderAnotherName_leavesTheBoundsToTellAHistogram() throws MalformedPageException {
        String text = """
                # TYPE first_response histogram
                nv_first_response_count{model="m"} 37
                nv_first_response_sum{model="m"} 10771
                nv_first_response{model="m", le="100"} 8
                nv_first_response{model="m", le="+Inf"} 37
                """;
        Page page = Page.read(text.getBytes(StandardCharsets.UTF_8), "", name -> name.equals("nv_first_response"));
        assertThat(page.families()).hasSize(1);
        assertThat(histogram(page, "nv_first_response").cumulative()).containsExactly(8, 37);
        assertThat(histogram(page, "nv_first_response").sum()).hasValue(10_771);
        assertThat(page.passedOver()).isEmpty();
    }

    @Test
    void createdSeries_becomeTheEpochOfTheirFamily_andNoSeries() throws MalformedPageException {
        Page page = read("""
                # TYPE h histogram
                h_bucket{le="+Inf"} 3
                # TYPE h_created gauge
                h_created 1.7e+09
                # TYPE c_total counter
                c_total 4
                # TYPE c_created gauge
                c_created 1.8e+09
                """);
        assertThat(page.families()).extracting(Family::name).containsExactly("h", "c_total");
        assertThat(histogram(page, "h").createdEpochSeconds()).hasValue(1.7e9);
        assertThat(page.families().get(1).scalars().getFirst().createdEpochSeconds())
                .hasValue(1.8e9);
    }

    @Test
    void countsThatFall_areRaised_andTheRepairCounted() throws MalformedPageException {
        BucketSeries series = histogram(
                read("# TYPE h histogram\nh_bucket{le=\"1\"} 5\nh_bucket{le=\"2\"} 4\nh_bucket{le=\"+Inf\"} 9\n"), "h");
        assertThat(series.cumulative()).containsExactly(5, 5, 9);
        assertThat(series.repairs()).isEqualTo(1);
    }

    @Test
    void openMetrics_withExemplars_isReadToItsEnd() throws MalformedPageException {
        Page page = read("""
                # TYPE req counter
                req_total{code="200"} 17 1520879607.789 # {trace_id="x"} 1.0
                req_created{code="200"} 1520430000.123
                # TYPE h histogram
                # UNIT h seconds
                h_bucket{le="0.5"} 8 # {trace_id="KOO5S4vxi0o"} 0.67
                h_bucket{le="+Inf"} 9
                # EOF
                """);
        assertThat(value(page, "req")).isEqualTo(17);
        assertThat(page.families().getFirst().scalars().getFirst().createdEpochSeconds())
                .hasValue(1520430000.123);
        assertThat(histogram(page, "h").cumulative()).containsExactly(8, 9);
    }

    @Test
    void quotedNames_andEscapes_areRead() throws MalformedPageException {
        Page page = read("{\"my.metric\",a=\"x \\\"y\\\" \\\\ \\n z\"} 3\n");
        assertThat(page.families().getFirst().name()).isEqualTo("my.metric");
        assertThat(page.families().getFirst().scalars().getFirst().labels()).containsEntry("a", "x \"y\" \\ \n z");
    }

    @Test
    void aSummary_isPassedOver_itsQuantilesCannotBeMerged() throws MalformedPageException {
        Page page = read("# TYPE s summary\ns{quantile=\"0.99\"} 4\ns_sum 9\ns_count 2\n");
        assertThat(page.families().getFirst().scalars()).isEmpty();
    }

    @Test
    void aBadLine_spoilsItselfAlone() throws MalformedPageException {
        Page page = read("good 1\nbad{a=\"b} 2\nbad 0x1p3\nnan NaN\ngood2 3\n");
        assertThat(page.malformedLines()).isEqualTo(2);
        assertThat(page.firstProblem()).startsWith("line 2 ");
        assertThat(value(page, "good2")).isEqualTo(3);
    }

    @Test
    void whatNobodyAskedFor_isNamed() throws MalformedPageException {
        byte[] text = "# TYPE a counter\na_total 1\nb 2\n".getBytes(StandardCharsets.UTF_8);
        Page page = Page.read(text, "", name -> name.equals("a"));
        assertThat(page.families()).extracting(Family::name).containsExactly("a");
        assertThat(page.passedOver()).isEqualTo(List.of("b"));
    }

    @Test
    void anHtmlPage_isNoMetricsPage() {
        assertThatThrownBy(() -> read("<html><body>Not found</body></html>"))
                .isInstanceOf(MalformedPageException.class);
        assertThatThrownBy(() -> read("")).isInstanceOf(MalformedPageException.class);
        assertThatThrownBy(() -> read("[]")).isInstanceOf(MalformedPageException.class);
    }

    @Test
    void noBytes_makeItThrowAnythingElse() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String alphabet = "ah_bucketsum{}\",le=+Inf 0123456789.e-#TYPE\\\n\t histogram";
        for (int run = 0; run < 3_000; run++) {
            StringBuilder text = new StringBuilder("# TYPE h histogram\n");
            for (int i = random.nextInt(200); i > 0; i--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            for (String type : List.of("", "application/vnd.google.protobuf")) {
                try {
                    Page page = Page.read(bytes, type, name -> true);
                    assertThat(page.families().size() + page.passedOver().size())
                            .as("seed %d", seed)
                            .isLessThan(300);
                } catch (MalformedPageException e) {
                    assertThat(e).as("seed %d", seed).hasMessageContaining(" ");
                }
            }
        }
    }
}
