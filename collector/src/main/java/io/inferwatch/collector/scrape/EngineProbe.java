package io.inferwatch.collector.scrape;

import io.inferwatch.collector.scrape.page.MalformedPageException;
import java.net.URI;
import java.util.Optional;

/** Finds out whether an address has a model server's metrics page, and of which engine. One thread. */
public final class EngineProbe {
    private final PageSource pages;

    public EngineProbe(PageSource pages) {
        this.pages = pages;
    }

    /** What an address answers. */
    public sealed interface Answer {
        /** @param address of the page, which need not be the one asked */
        record Known(Engine engine, URI address) implements Answer {}

        /** @param reason why it is none, as a remark on the address */
        record Nothing(String reason) implements Answer {}
    }

    /** One request, and a second one where the first brings JSON. */
    public Answer ask(URI address) throws InterruptedException {
        MetricsPage page = new MetricsPage(address, pages);
        try {
            Optional<Engine> chief = Taken.of(page.read()).stream()
                    .map(taken -> taken.row().engine())
                    .sorted()
                    .findFirst();
            return chief.<Answer>map(engine -> new Answer.Known(engine, page.address()))
                    .orElseGet(() -> new Answer.Nothing("its page is of no known engine"));
        } catch (MalformedPageException none) {
            return new Answer.Nothing(String.valueOf(none.getMessage()));
        }
    }
}
