package io.inferwatch.api.cli;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;

/** {@code inferwatch version}. */
@Command(name = "version", description = "Prints the version.")
final class VersionCommand implements Callable<Integer> {

    /** What {@code --version} prints. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {text()};
        }
    }

    /** Taken from the jar's manifest; a run from class files has none. */
    static String text() {
        return "inferwatch " + number();
    }

    private static String number() {
        return Optional.ofNullable(VersionCommand.class.getPackage().getImplementationVersion())
                .orElse("unpackaged");
    }

    @Mixin
    GlobalOptions options = new GlobalOptions();

    @Override
    public Integer call() {
        System.out.println(options.isJson() ? Json.text(Map.of("version", number())) : text());
        return 0;
    }
}
