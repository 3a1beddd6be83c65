package io.inferwatch.api.app;

import java.lang.reflect.Proxy;
import java.util.Iterator;
import java.util.List;
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
        onTerminate(List.of(stop));
    }

    /**
     * The first SIGTERM or SIGINT asks to stop, the second one to stop without patience, a third one ends the process at once.
     *
     * @param stop runs on a thread of its own, as does {@code hurry}
     */
    public static void onTerminate(Runnable stop, Runnable hurry) {
        onTerminate(List.of(stop, hurry));
    }

    private static void onTerminate(List<Runnable> each) {
        Iterator<Runnable> left = each.iterator();
        Runnable next = () -> {
            synchronized (left) {
                if (!left.hasNext()) {
                    Runtime.getRuntime().halt(1);
                }
                Thread.ofPlatform().name("stop").start(left.next());
            }
        };
        handle("TERM", next);
        handle("INT", next);
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
