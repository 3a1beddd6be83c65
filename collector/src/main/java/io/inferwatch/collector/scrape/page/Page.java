package io.inferwatch.collector.scrape.page;

import java.util.List;
import java.util.OptionalDouble;

/**
 * One reading of a metrics page.
 *
 * @param families those asked for, in the order of the page
 * @param passedOver names of the others
 * @param processStartEpochSeconds when the process that wrote it says it started
 * @param malformedLines lines, or messages, that could not be read; the rest was
 * @param firstProblem what was wrong with the first of them; empty where nothing was
 */
public record Page(
        List<Family> families,
        List<String> passedOver,
        OptionalDouble processStartEpochSeconds,
        int malformedLines,
        String firstProblem) {
    /** The most bytes a page may have, and so the most memory a reading takes is a small multiple of it. */
    public static final int MOST_BYTES = 16 << 20;

    public Page {
        families = List.copyOf(families);
        passedOver = List.copyOf(passedOver);
    }

    /** Which families are worth keeping. */
    @FunctionalInterface
    public interface Wanted {
        /** @param plainName as {@link Family#plainName} has it */
        boolean isWanted(String plainName);
    }

    /**
     * @param contentType as the server said; empty where it said nothing
     * @throws MalformedPageException when it holds not one sample, or was cut
     */
    public static Page read(byte[] bytes, String contentType, Wanted wanted) throws MalformedPageException {
        PageBuilder page = new PageBuilder(wanted);
        if (contentType.startsWith("application/vnd.google.protobuf")) {
            new ProtobufPage(bytes, page).read();
        } else {
            new TextPage(bytes, page, contentType.startsWith("application/openmetrics-text")).read();
        }
        return page.finish();
    }
}
