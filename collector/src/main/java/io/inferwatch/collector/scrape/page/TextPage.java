package io.inferwatch.collector.scrape.page;

import io.inferwatch.collector.scrape.page.PageLine.BadLine;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Prometheus text 0.0.4 and OpenMetrics 1.0, which differ in little: where a counter's {@code _total} stands, exemplars,
 * {@code # EOF}. A line that cannot be read spoils itself alone. Lines of families nobody asked for cost no allocation
 * past their name. Used by one thread.
 */
final class TextPage {
    private static final List<String> PARTS =
            List.of("_bucket", "_sum", "_count", "_created", "_total", "_info", "_gsum", "_gcount");
    private static final String BUCKET = "_bucket";
    private static final String BOUND = "le";
    private static final String QUANTILE = "quantile";

    private final PageLine line;
    private final PageBuilder page;
    private final boolean isEndMarked;
    private PageBuilder.@Nullable Draft current;
    private boolean isEnded;

    /** @param isEndMarked whether the format ends each page with {@code # EOF}, so that a page cut short is known */
    TextPage(byte[] bytes, PageBuilder page, boolean isEndMarked) {
        this.line = new PageLine(bytes);
        this.page = page;
        this.isEndMarked = isEndMarked;
    }

    void read() throws MalformedPageException {
        while (line.advance()) {
            try {
                readLine();
            } catch (BadLine e) {
                page.problem("line " + line.number() + " " + e.getMessage());
            }
        }
        if (isEndMarked && !isEnded) {
            throw new MalformedPageException("the page ends without # EOF: it was cut");
        }
    }

    private void readLine() throws BadLine {
        line.skipBlanks();
        if (line.isAtEnd()) {
            return;
        }
        line.requireBounded();
        if (line.isAt('#')) {
            comment();
        } else {
            sample();
        }
    }

    private void comment() {
        line.skip();
        line.skipBlanks();
        String word = line.word();
        isEnded |= word.equals("EOF");
        if (!word.equals("TYPE")) {
            return;
        }
        line.skipBlanks();
        String name = line.isAt('"') ? quotedOrEmpty() : line.word();
        line.skipBlanks();
        FamilyType type = FamilyType.named(line.word());
        PageBuilder.Draft family = page.family(name, type);
        if (family != null && family.type == FamilyType.UNTYPED) {
            family.type = type;
        }
        current = family;
    }

    private String quotedOrEmpty() {
        try {
            return line.quoted();
        } catch (BadLine e) {
            return "";
        }
    }

    private void sample() throws BadLine {
        boolean isQuoted = line.isAt('{');
        Map<String, String> labels = isQuoted ? line.labels() : Map.of();
        String name = isQuoted ? line.quotedName() : line.bareName();
        line.requireWhole();
        PageBuilder.Draft family = familyOf(name);
        if (family == null) {
            return;
        }
        page.sawSample(family);
        if (!family.isWanted) {
            return;
        }
        line.skipBlanks();
        if (!isQuoted && line.isAt('{')) {
            labels = line.labels();
        }
        line.skipBlanks();
        place(family, name, labels, PageLine.value(line.word()));
    }

    /** By its type where the page has one: a histogram may be called {@code x_total}, and a gauge {@code x_count}. */
    private PageBuilder.@Nullable Draft familyOf(String name) {
        PageBuilder.Draft last = current;
        if (last != null && isPartOf(name, last)) {
            return last;
        }
        PageBuilder.Draft own = page.known(name);
        if (own != null) {
            return own;
        }
        for (String part : PARTS) {
            if (name.endsWith(part)) {
                String base = name.substring(0, name.length() - part.length());
                PageBuilder.Draft found = page.known(base);
                if (found != null && isPartOf(name, found)) {
                    return found;
                }
            }
        }
        boolean isBucket = name.endsWith(BUCKET);
        return page.family(
                isBucket ? name.substring(0, name.length() - BUCKET.length()) : name,
                isBucket ? FamilyType.HISTOGRAM : FamilyType.UNTYPED);
    }

    private static boolean isPartOf(String name, PageBuilder.Draft family) {
        if (!name.startsWith(family.name)) {
            return false;
        }
        String part = name.substring(family.name.length());
        return part.isEmpty()
                || switch (family.type) {
                    case HISTOGRAM ->
                        List.of(BUCKET, "_sum", "_count", "_created", "_gsum", "_gcount")
                                .contains(part);
                    case COUNTER -> part.equals("_total") || part.equals("_created");
                    case SUMMARY -> part.equals("_sum") || part.equals("_count") || part.equals("_created");
                    case GAUGE, UNTYPED -> part.equals("_info");
                };
    }

    private void place(PageBuilder.Draft family, String name, Map<String, String> labels, double value) throws BadLine {
        String part = name.substring(family.name.length());
        if (family.type == FamilyType.UNTYPED && part.isEmpty() && labels.containsKey(BOUND)) {
            // Said to be nothing, and with a bound: a histogram whose type stands under another name, or nowhere.
            family.type = FamilyType.HISTOGRAM;
        }
        if (family.type == FamilyType.HISTOGRAM) {
            bucketPart(family, part, labels, value);
        } else if (part.equals("_created")) {
            page.created(family, labels, value);
        } else if (family.type != FamilyType.SUMMARY && !labels.containsKey(QUANTILE)) {
            page.scalar(family, labels, value);
        }
    }

    private void bucketPart(PageBuilder.Draft family, String part, Map<String, String> labels, double value)
            throws BadLine {
        if (part.equals("_created")) {
            page.created(family, labels, value);
            return;
        }
        Map<String, String> own = labels;
        String bound = labels.get(BOUND);
        if (bound != null) {
            own = new HashMap<>(labels);
            own.remove(BOUND);
        }
        BucketDraft histogram = page.histogram(family, own);
        if (histogram == null) {
            return;
        }
        switch (part) {
            case "_sum", "_gsum" -> histogram.sum(value);
            case "_count", "_gcount" -> histogram.count(value);
            default -> {
                if (bound == null) {
                    throw new BadLine("is a bucket without a bound");
                }
                String problem = histogram.bucket(PageLine.value(bound), value).orElse("");
                if (!problem.isEmpty()) {
                    throw new BadLine("has " + problem);
                }
            }
        }
    }
}
