package io.inferwatch.gpu.testing;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Drivers as old as an NVML header: which of the symbols that Inferwatch calls they have, and which fields. */
public enum DriverLevel {
    HEADER_11_8(11_080, 186),
    HEADER_12_2(12_020, 197),
    HEADER_12_4(12_040, 197),
    HEADER_12_8(12_080, 269),
    HEADER_13_0(13_000, 274),
    HEADER_13_3(13_030, 303);

    private final int cudaVersion;
    private final int firstUnknownField;

    DriverLevel(int cudaVersion, int firstUnknownField) {
        this.cudaVersion = cudaVersion;
        this.firstUnknownField = firstUnknownField;
    }

    private Stream<String> missing() {
        return Stream.of(
                        compareTo(HEADER_12_2) < 0
                                ? List.of("nvmlDeviceGetCurrentClocksEventReasons")
                                : List.<String>of(),
                        compareTo(HEADER_12_4) < 0 ? List.of("nvmlDeviceGetSramEccErrorStatus") : List.<String>of(),
                        compareTo(HEADER_12_8) < 0
                                ? List.of("nvmlDeviceGetTemperatureV", "nvmlDeviceGetMarginTemperature")
                                : List.<String>of())
                .flatMap(List::stream);
    }

    /** The library of this level. */
    public ScriptedNvml compile(Path folder) {
        return ScriptedNvml.compile(folder, missing().toArray(String[]::new));
    }

    /** Lines that make a card one under such a driver. */
    public String[] script(String... card) {
        Stream<String> unknown = IntStream.of(186, 197, 198, 215, 230, 251, 252, 253, 269, 270, 271)
                .filter(field -> field >= firstUnknownField)
                .mapToObj(field -> "field * " + field + " ret=2");
        return Stream.of(Stream.of(card), Stream.of("cuda " + cudaVersion), unknown, renumbered())
                .flatMap(lines -> lines)
                .toArray(String[]::new);
    }

    /** The thermal counters were 251–253 for a while, and what is 251–253 before and after was 269–271 meanwhile. */
    private Stream<String> renumbered() {
        return switch (this) {
            case HEADER_12_8 -> Stream.of("field * 251 0 u32", "field * 252 0 u32", "field * 253 0 u32");
            case HEADER_13_0 ->
                Stream.of(
                        "field * 251 1000000",
                        "field * 252 0",
                        "field * 253 0",
                        "field * 269 5 u32",
                        "field * 270 0 u32",
                        "field * 271 0 u32");
            case HEADER_11_8, HEADER_12_2, HEADER_12_4, HEADER_13_3 -> Stream.empty();
        };
    }
}
