package io.inferwatch.collector.scrape.page;

/** What was read is no metrics page. Carries no stack: it is an outcome. */
public final class MalformedPageException extends Exception {
    public MalformedPageException(String message) {
        super(message, null, false, false);
    }
}
