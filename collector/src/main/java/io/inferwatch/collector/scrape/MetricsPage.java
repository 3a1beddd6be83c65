package io.inferwatch.collector.scrape;

import io.inferwatch.collector.scrape.page.MalformedPageException;
import io.inferwatch.collector.scrape.page.Page;
import java.net.URI;

/** One server's page, at whichever of its paths it turns out to be. One thread. */
final class MetricsPage {
    /** Where TensorRT-LLM keeps its metrics; at {@code /metrics} it has statistics in JSON. */
    private static final String OTHER_PATH = "/prometheus/metrics";

    private final PageSource pages;
    private URI address;

    MetricsPage(URI address, PageSource pages) {
        this.address = address;
        this.pages = pages;
    }

    /** Where it was last looked for. */
    URI address() {
        return address;
    }

    /** @throws MalformedPageException where there is none, with the reason */
    Page read() throws InterruptedException, MalformedPageException {
        PageSource.Fetched.Got got = fetched(address);
        if (isJson(got) && !address.getPath().equals(OTHER_PATH)) {
            URI other = address.resolve(OTHER_PATH);
            got = fetched(other);
            address = other;
        }
        return Page.read(got.bytes(), got.contentType(), Aliases::isKnown);
    }

    private PageSource.Fetched.Got fetched(URI from) throws InterruptedException, MalformedPageException {
        return switch (pages.fetch(from)) {
            case PageSource.Fetched.Got got -> got;
            case PageSource.Fetched.Failed failed -> throw new MalformedPageException(failed.text());
        };
    }

    private static boolean isJson(PageSource.Fetched.Got got) {
        int at = 0;
        while (at < got.bytes().length && Character.isWhitespace(got.bytes()[at])) {
            at++;
        }
        return got.contentType().startsWith("application/json") || (at < got.bytes().length && got.bytes()[at] == '[');
    }
}
