package io.inferwatch.collector.scrape.page;

import java.nio.charset.StandardCharsets;
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
    private static final int MOST_LABELS = 64;
    private static final int MOST_LINE_BYTES = 64 << 10;
    private static final List<String> PARTS =
            List.of("_bucket", "_sum", "_count", "_created", "_total", "_info", "_gsum", "_gcount");
    private static final String BUCKET = "_bucket";
    private static final String BOUND = "le";
    private static final String QUANTILE = "quantile";

    /** The line at hand is not of the format. */
    private static final class BadLine extends Exception {
        BadLine(String message) {
            super(message, null, false, false);
        }
    }

    private final byte[] bytes;
    private final PageBuilder page;
    private final Map<Integer, String> names = new HashMap<>();
    private int at;
    private int end;
    private int lineNumber;
    private PageBuilder.@Nullable Draft current;
    private @Nullable String quotedName;

    TextPage(byte[] bytes, PageBuilder page) {
        this.bytes = bytes;
        this.page = page;
    }

    void read() {
        int next = 0;
        while (next < bytes.length) {
            lineNumber++;
            at = next;
            end = next;
            while (end < bytes.length && bytes[end] != '\n') {
                end++;
            }
            next = end + 1;
            if (end > at && bytes[end - 1] == '\r') {
                end--;
            }
            line();
        }
    }

    private void line() {
        try {
            skipBlanks();
            if (at == end) {
                return;
            }
            if (end - at > MOST_LINE_BYTES) {
                throw new BadLine("is longer than " + MOST_LINE_BYTES + " bytes");
            }
            if (bytes[at] == '#') {
                comment();
            } else {
                sample();
            }
        } catch (BadLine e) {
            page.problem("line " + lineNumber + " " + e.getMessage());
        }
    }

    private void comment() {
        at++;
        skipBlanks();
        if (!word().equals("TYPE")) {
            return;
        }
        skipBlanks();
        String name = at < end && bytes[at] == '"' ? quotedOrEmpty() : word();
        skipBlanks();
        FamilyType type = FamilyType.named(word());
        PageBuilder.Draft family = page.family(name, type);
        if (family != null && family.type == FamilyType.UNTYPED) {
            family.type = type;
        }
        current = family;
    }

    private String quotedOrEmpty() {
        try {
            return quoted();
        } catch (BadLine e) {
            return "";
        }
    }

    private String word() {
        int from = at;
        while (at < end && bytes[at] != ' ' && bytes[at] != '\t') {
            at++;
        }
        return text(from, at);
    }

    private void sample() throws BadLine {
        int from = at;
        Map<String, String> labels = Map.of();
        boolean hasLabels = false;
        String name;
        if (bytes[at] == '{') {
            quotedName = null;
            labels = labels();
            hasLabels = true;
            if (quotedName == null) {
                throw new BadLine("has labels and no name");
            }
            name = quotedName;
        } else {
            while (at < end && bytes[at] != '{' && bytes[at] != ' ' && bytes[at] != '\t') {
                at++;
            }
            name = name(from, at);
            if (!isName(name)) {
                throw new BadLine("begins with \"" + shortened(name) + "\", which names no metric");
            }
        }
        PageBuilder.Draft family = familyOf(name);
        if (family == null) {
            return;
        }
        page.sawSample(family);
        if (!family.isWanted) {
            return;
        }
        skipBlanks();
        if (!hasLabels && at < end && bytes[at] == '{') {
            labels = labels();
        }
        skipBlanks();
        place(family, name, labels, value(word()));
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
                String problem = histogram.bucket(value(bound), value).orElse("");
                if (!problem.isEmpty()) {
                    throw new BadLine("has " + problem);
                }
            }
        }
    }

    private Map<String, String> labels() throws BadLine {
        at++;
        Map<String, String> labels = new HashMap<>();
        while (true) {
            while (at < end && (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == ',')) {
                at++;
            }
            if (at == end) {
                throw new BadLine("has labels that do not end");
            }
            if (bytes[at] == '}') {
                at++;
                return labels;
            }
            if (labels.size() == MOST_LABELS) {
                throw new BadLine("has more than " + MOST_LABELS + " labels");
            }
            label(labels);
        }
    }

    private void label(Map<String, String> labels) throws BadLine {
        String name;
        if (bytes[at] == '"') {
            name = quoted();
            skipBlanks();
            if (at == end || bytes[at] != '=') {
                quotedName = name;
                return;
            }
        } else {
            int from = at;
            while (at < end && bytes[at] != '=' && bytes[at] != '}') {
                at++;
            }
            name = name(from, trimmed(from, at));
        }
        if (at == end || bytes[at] != '=') {
            throw new BadLine("has a label without a value");
        }
        at++;
        skipBlanks();
        if (at == end || bytes[at] != '"') {
            throw new BadLine("has a label value that is not quoted");
        }
        labels.put(name, quoted());
    }

    private int trimmed(int from, int to) {
        int last = to;
        while (last > from && bytes[last - 1] == ' ') {
            last--;
        }
        return last;
    }

    private String quoted() throws BadLine {
        int from = ++at;
        boolean isEscaped = false;
        while (at < end && bytes[at] != '"') {
            if (bytes[at] == '\\') {
                isEscaped = true;
                at++;
            }
            at++;
        }
        if (at >= end) {
            at = end;
            throw new BadLine("has a text that does not end");
        }
        String text = text(from, at++);
        return isEscaped ? unescaped(text) : text;
    }

    private static String unescaped(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 1 < text.length()) {
                char escaped = text.charAt(++i);
                plain.append(escaped == 'n' ? '\n' : escaped);
            } else {
                plain.append(c);
            }
        }
        return plain.toString();
    }

    private static double value(String text) throws BadLine {
        switch (text) {
            case "+Inf", "Inf", "+inf", "inf" -> {
                return Double.POSITIVE_INFINITY;
            }
            case "-Inf", "-inf" -> {
                return Double.NEGATIVE_INFINITY;
            }
            case "NaN", "nan", "Nan" -> {
                return Double.NaN;
            }
            default -> {
                return number(text);
            }
        }
    }

    /** Java's own reader also takes hexadecimal numbers and a letter for the type, which this format does not know. */
    private static double number(String text) throws BadLine {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E') {
                throw new BadLine("has \"" + shortened(text) + "\" where a number should be");
            }
        }
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new BadLine("has \"" + shortened(text) + "\" where a number should be");
        }
    }

    private static boolean isName(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean isLetter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
            if (!isLetter && !(i > 0 && ((c >= '0' && c <= '9') || c == '.'))) {
                return false;
            }
        }
        return !name.isEmpty();
    }

    private static String shortened(String text) {
        return text.length() > 40 ? text.substring(0, 40) + "…" : text;
    }

    private void skipBlanks() {
        while (at < end && (bytes[at] == ' ' || bytes[at] == '\t')) {
            at++;
        }
    }

    private String text(int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }

    /** A name that comes line after line is one string. */
    private String name(int from, int to) {
        int hash = to - from;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + bytes[i];
        }
        String known = names.get(hash);
        if (known != null && isSame(known, from, to)) {
            return known;
        }
        String made = text(from, to);
        names.put(hash, made);
        return made;
    }

    private boolean isSame(String known, int from, int to) {
        if (known.length() != to - from) {
            return false;
        }
        for (int i = 0; i < known.length(); i++) {
            if (known.charAt(i) != bytes[from + i]) {
                return false;
            }
        }
        return true;
    }
}
