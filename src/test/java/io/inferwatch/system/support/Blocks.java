package io.inferwatch.system.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The fenced blocks of a document, in their order. */
public final class Blocks {
    private static final Pattern BLOCK = Pattern.compile("^```(\\w*)\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
    private static final String RUN = "# run\n";

    private Blocks() {}

    /** One block; the language is empty where none is named. */
    public record Block(String language, String text) {
        /** Whether the build runs it. */
        public boolean isRun() {
            return language.equals("sh") && text.startsWith(RUN);
        }
    }

    /** Those of a file of the checkout. */
    public static List<Block> of(String file) {
        try {
            Path path = Launcher.root().resolve(file);
            Matcher matcher = BLOCK.matcher(Files.readString(path));
            List<Block> blocks = new ArrayList<>();
            while (matcher.find()) {
                blocks.add(new Block(matcher.group(1), matcher.group(2)));
            }
            return blocks;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A pattern in which {@code …} stands for anything. */
    public static String wildcard(String text) {
        return List.of(text.split("…", -1)).stream().map(Pattern::quote).collect(Collectors.joining(".*"));
    }
}
