package io.inferwatch.api.app;

import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The signals an operator sends. Java has no supported way to exit 0 on SIGTERM or to see SIGHUP; {@code
 * sun.misc.Signal} of the module jdk.unsupported is what servers use. It is reached by reflection because naming it is a
 * compiler warning that cannot be switched off, and warnings are errors here.
 */
public final class Signals {
    private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

    private Signals() {}

    /**
     * The first SIGTERM or SIGINT asks to stop, a second one ends the process at once.
     *
     * @param stop runs on a thread of its own
     */
    public static void onTerminate(Runnable stop) {
        Runnable once = new Runnable() {
            private boolean asked;

            @Override
            public synchronized void run() {
                if (asked) {
                    Runtime.getRuntime().halt(1);
                }
                asked = true;
                Thread.ofPlatform().name("stop").start(stop);
            }
        };
        handle("TERM", once);
        handle("INT", once);
    }

    /** SIGHUP re-reads rules and configuration. */
    public static void onHangUp(Runnable reload) {
        handle("HUP", reload);
    }

    private static void handle(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handler}, (self, method, arguments) -> {
                        action.run();
                        return null;
                    });
            Object before = signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            if (name.equals("HUP") && handler.getField("SIG_IGN").get(null).equals(before)) {
                LOG.info(
                        "SIGHUP is ignored, as by whoever started this (nohup does): POST /-/reload re-reads the rules");
            }
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            LOG.warn("SIG{} cannot be handled on this platform: {}", name, e.toString());
        }
    }
}
