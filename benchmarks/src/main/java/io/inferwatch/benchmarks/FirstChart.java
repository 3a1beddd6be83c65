package io.inferwatch.benchmarks;

import io.inferwatch.system.support.Chromium;
import io.inferwatch.system.support.RunningSidecar;
import java.nio.file.Path;
import java.util.Optional;

/** From the command {@code inferwatch demo} to a chart that is drawn in a browser which is already open. */
final class FirstChart {
    private FirstChart() {}

    static String measure(int times) {
        Optional<Path> binary = Chromium.installed();
        if (binary.isEmpty()) {
            return "not measured: Chromium is not installed";
        }
        double[] ms = new double[times];
        try (Chromium browser = new Chromium(binary.get())) {
            browser.size(1400, 900);
            for (int i = 0; i < times; i++) {
                RunningSidecar demo = RunningSidecar.with().command("demo").prepared();
                try (demo) {
                    long began = System.nanoTime();
                    demo.start();
                    browser.open(demo.api().uri("/").toString());
                    browser.await("document.querySelector('.page-overview .plot canvas')");
                    ms[i] = (System.nanoTime() - began) / 1e6;
                    browser.open("about:blank");
                }
            }
        }
        return "from the command to the first chart " + Load.medianAndWorst(ms);
    }
}
