package io.inferwatch.gpu.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.stream.Stream;

/** A script for each of some cards: what it tells, under which driver, and what it does not. Named by card and driver. */
public enum ScriptedCard {
    H100_80GB_HBM3("driver590"),
    H100_80GB_HBM3_MIG("driver590"),
    H200("driver590"),
    A100_SXM4_80GB("driver550"),
    L40S("driver595"),
    RTX_4080_SUPER("driver595"),
    RTX_2080_SUPER("driver610");

    private final String driver;

    ScriptedCard(String driver) {
        this.driver = driver;
    }

    /**
     * Lines for {@link ScriptedNvml#script}.
     *
     * @param more lines that come after, and so win
     */
    public String[] script(String... more) {
        String file = "cards/" + name().toLowerCase(Locale.ROOT).replace('_', '-') + "." + driver + ".script";
        try (InputStream lines = ScriptedCard.class.getResourceAsStream(file)) {
            if (lines == null) {
                throw new IllegalStateException(file + " is not among the test resources");
            }
            String text = new String(lines.readAllBytes(), UTF_8);
            return Stream.concat(text.lines(), Stream.of(more)).toArray(String[]::new);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
