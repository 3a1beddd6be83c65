package io.inferwatch.api;

import io.inferwatch.api.cli.InferwatchCommand;

/** The program: hands its arguments to the command line and ends with its exit code. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(InferwatchCommand.execute(args));
    }
}
