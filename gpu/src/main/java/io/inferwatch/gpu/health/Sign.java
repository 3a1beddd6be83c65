package io.inferwatch.gpu.health;

/** What is read of a GPU that bears on its health. */
public enum Sign {
    /** 0 to 5, as the driver asks. */
    RECOVERY_ACTION,
    /** Counter of memory errors ECC found and could not mend. */
    ECC_UNCORRECTED,
    /** 1: more SRAM errors than NVIDIA allows. */
    SRAM_THRESHOLD,
    /** 1: a row is to be remapped at the next reset. */
    ROWS_PENDING,
    /** 1: there was no spare row left. */
    ROWS_FAILED,
    /** 1: a page is to be retired at the next reboot. */
    PAGES_PENDING,
    /** Counter. */
    PCIE_REPLAYS,
    /** 1 to 6. */
    PCIE_GENERATION,
    /** Lanes in use. */
    PCIE_WIDTH,
    /** NVLink links that are up. */
    NVLINK_LINKS,
    /** Counter, seconds below clocks because the chip was too hot for them. */
    HW_THERMAL_SECONDS,
    /** Counter, seconds below clocks because GPU or memory were above their operating temperature. */
    SW_THERMAL_SECONDS,
    /** Counter, seconds below clocks because the power supply or the rack asked for it. */
    POWER_BRAKE_SECONDS,
    /** °C left before the GPU slows down; negative past it. */
    TEMPERATURE_MARGIN
}
