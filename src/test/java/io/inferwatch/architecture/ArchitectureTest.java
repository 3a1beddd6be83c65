package io.inferwatch.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Modules import to the left, third-party code stays where the architecture puts it, and no package cycle exists. */
class ArchitectureTest {
    private static final List<String> MODULES_LEFT_TO_RIGHT =
            List.of("gpu", "collector", "histograms", "rules", "notifier", "api");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("io.inferwatch");

    @Test
    void modules_importToTheLeftOnly() {
        for (int i = 0; i < MODULES_LEFT_TO_RIGHT.size() - 1; i++) {
            String[] right = MODULES_LEFT_TO_RIGHT.subList(i + 1, MODULES_LEFT_TO_RIGHT.size()).stream()
                    .map(module -> "io.inferwatch." + module + "..")
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage("io.inferwatch." + MODULES_LEFT_TO_RIGHT.get(i) + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(right)
                    .check(CLASSES);
        }
    }

    @ParameterizedTest(name = "{0} only in {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "com.sun.jna..           | io.inferwatch.gpu.jna..",
                "net.openhft..           | io.inferwatch.collector.journal..",
                "org.HdrHistogram..      | io.inferwatch.histograms..",
                "org.snakeyaml..         | io.inferwatch.rules.yaml..",
                "io.micronaut.data..     | io.inferwatch.histograms.store.., io.inferwatch.notifier.outbox..",
                "com.zaxxer.hikari..     | io.inferwatch.histograms.store..",
                "org.flywaydb..          | io.inferwatch.histograms.store..",
                "org.h2..                | io.inferwatch.histograms.store..",
                "org.postgresql..        | io.inferwatch.histograms.store..",
                "io.micronaut.http..     | io.inferwatch.api..",
                "io.netty..              | io.inferwatch.collector.proxy.., io.inferwatch.api..",
                "picocli..               | io.inferwatch.api..",
                "ch.qos.logback..        | io.inferwatch.api..",
                "java.net.http..         | io.inferwatch.collector.scrape.., io.inferwatch.notifier.., io.inferwatch.api.cli.., io.inferwatch.api.remote..",
                "com.fasterxml.jackson.. | io.inferwatch.collector.push.., io.inferwatch.collector.cost.., io.inferwatch.collector.otlp.., io.inferwatch.collector.proxy.., io.inferwatch.notifier.., io.inferwatch.api..",
            })
    void thirdPartyCode_staysInItsPlace(String library, String homes) {
        noClasses()
                .that()
                .resideOutsideOfPackages(homes.split(",\\s*"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .check(CLASSES);
    }

    @Test
    void packages_haveNoCycle() {
        slices().matching("io.inferwatch.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void belowApi_nothingIsInjected() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "io.inferwatch.api..", "io.inferwatch.histograms.store..", "io.inferwatch.notifier.outbox..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("jakarta..", "io.micronaut..")
                .check(CLASSES);
    }

    @Test
    void wallClock_isAskedByNobodyButTheWiring() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "io.inferwatch.api.app..", "io.inferwatch.api.cli..", "io.inferwatch.benchmarks..")
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .check(CLASSES);
    }

    @Test
    void everyPackage_isNullMarked() {
        ArchRuleDefinition.classes()
                .that()
                .doNotHaveModifier(JavaModifier.SYNTHETIC)
                .should(new ArchCondition<JavaClass>("lie in a @NullMarked package") {
                    @Override
                    public void check(JavaClass type, ConditionEvents events) {
                        boolean marked = type.getPackage().isAnnotatedWith("org.jspecify.annotations.NullMarked");
                        events.add(
                                new SimpleConditionEvent(type, marked, type.getPackageName() + " has no @NullMarked"));
                    }
                })
                .check(CLASSES);
    }
}
