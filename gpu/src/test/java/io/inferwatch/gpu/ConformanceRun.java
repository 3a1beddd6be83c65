package io.inferwatch.gpu;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.inferwatch.gpu.jna.JnaNvml;
import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Holds an NVML to the contract and writes the transcript: which driver and cards, then a line a test. Needs neither
 * Maven nor a whole JDK: docs/hardware/README.md. Ends with 0 when every test was run and passed.
 */
public final class ConformanceRun {
    private final PrintStream out;
    private int passed;
    private int others;

    private ConformanceRun(PrintStream out) {
        this.out = out;
    }

    /** @param arguments the path of the library; none: the driver of this machine */
    public static void main(String[] arguments) {
        String library = arguments.length == 0 ? "" : arguments[0];
        System.setProperty(InstalledNvmlContractTest.LIBRARY, library);
        ConformanceRun run = new ConformanceRun(System.out);
        run.head(library);
        run.tests();
        System.exit(run.passed > 0 && run.others == 0 ? 0 : 1);
    }

    private void head(String library) {
        out.println("NVML conformance, " + Instant.now().truncatedTo(ChronoUnit.SECONDS) + ", "
                + System.getProperty("os.arch") + ", Java " + Runtime.version());
        switch (JnaNvml.opener(library).open()) {
            case Nvml.Opened.NotFound(String reason) -> out.println(reason);
            case Nvml.Opened.Found(Nvml nvml) -> {
                int code = nvml.init();
                out.println("driver " + shown(nvml.driverVersion()) + ", CUDA " + shown(nvml.cudaVersion()) + ", "
                        + NvmlCode.text(code));
                int gpus = nvml.deviceCount() instanceof Reading.Value<Integer>(Integer count) ? count : 0;
                for (int index = 0; index < gpus; index++) {
                    if (nvml.deviceByIndex(index) instanceof Reading.Value<Nvml.Device>(Nvml.Device device)) {
                        out.println("GPU " + index + " " + shown(nvml.name(device)));
                    }
                }
                nvml.shutdown();
            }
        }
    }

    private static String shown(Reading<?> reading) {
        return reading instanceof Reading.Value<?>(Object value) ? value.toString() : reading.toString();
    }

    private void tests() {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(InstalledNvmlContractTest.class))
                .build();
        LauncherFactory.create().execute(request, new Lines());
        out.println(passed + " passed, " + others + " not");
    }

    private final class Lines implements TestExecutionListener {
        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            boolean isPassed = result.getStatus() == TestExecutionResult.Status.SUCCESSFUL;
            if (!test.isTest() && isPassed) {
                return;
            }
            passed += isPassed ? 1 : 0;
            others += isPassed ? 0 : 1;
            String why = result.getThrowable()
                    .flatMap(thrown -> Optional.ofNullable(thrown.getMessage()))
                    .map(message -> ": " + message.strip().replaceAll("\\s+", " "))
                    .orElse("");
            out.println(result.getStatus() + " " + test.getDisplayName() + why);
        }

        @Override
        public void executionSkipped(TestIdentifier test, String reason) {
            others++;
            out.println("SKIPPED " + test.getDisplayName() + ": " + reason);
        }
    }
}
