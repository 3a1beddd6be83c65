package io.inferwatch.api;

import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.server.EmbeddedServer;
import java.util.Map;

/** tmp */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        ApplicationContext context = ApplicationContext.builder()
                .properties(Map.of("micronaut.server.port", 9477, "micronaut.server.host", "127.0.0.1"))
                .start();
        context.getBean(EmbeddedServer.class).start();
        System.out.println("up");
        if (args.length > 0 && args[0].equals("train-aot")) {
            context.close();
        }
    }
}
