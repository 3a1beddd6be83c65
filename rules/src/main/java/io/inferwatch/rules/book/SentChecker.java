package io.inferwatch.rules.book;

import io.inferwatch.rules.AlertListener;
import io.inferwatch.rules.yaml.YamlNode;
import java.util.List;

/** Runs the notifications of an inline test: what {@code expect: sent} says is checked by the module that sends. */
@FunctionalInterface
public interface SentChecker {

    /** One test's notifier, on the test's virtual clock: each tick's result is handed to it in order. */
    interface Run extends AlertListener {

        /**
         * @param rule whose notifications count
         * @param expected receiver → list of what it must have been sent so far
         * @return what is not so, in words; empty when all is
         */
        List<String> differences(String rule, YamlNode.Mapping expected);
    }

    /** A fresh run that has sent nothing yet. */
    Run start();
}
