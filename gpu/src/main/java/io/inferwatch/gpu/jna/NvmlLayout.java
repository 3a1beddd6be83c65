package io.inferwatch.gpu.jna;

/**
 * Sizes and offsets of the C structs that are passed, in bytes, for 64-bit Linux. Taken from {@code nvml.h} 13.3.29 with
 * gcc; the tests compare them with what gcc says of the same structs.
 */
enum NvmlLayout {
    /** {@code nvmlUtilization_t}: gpu@0:4 memory@4:4. */
    UTILIZATION(8, 0),
    /** {@code nvmlMemory_t}: total@0:8 free@8:8 used@16:8. */
    MEMORY_V1(24, 0),
    /** {@code nvmlMemory_v2_t}: version@0:4 (4 unused) total@8:8 reserved@16:8 free@24:8 used@32:8. */
    MEMORY_V2(40, 2),
    /** {@code nvmlSample_t}: timeStamp@0:8 sampleValue@8:8 (a union). */
    SAMPLE(16, 0),
    /** {@code nvmlEventData_t}: device@0:8 eventType@8:8 eventData@16:8 gpuInstanceId@24:4 computeInstanceId@28:4. */
    EVENT_DATA(32, 0),
    /** {@code nvmlSystemEventSetCreateRequest_v1_t}, and the request to free: version@0:4 set@8:8. */
    SYSTEM_EVENT_SET(16, 1),
    /** {@code nvmlSystemRegisterEventRequest_v1_t}: version@0:4 eventTypes@8:8 set@16:8. */
    SYSTEM_REGISTER_EVENT(24, 1),
    /** {@code nvmlSystemEventData_v1_t}: eventType@0:8 gpuId@8:4. */
    SYSTEM_EVENT_DATA(16, 0),
    /** {@code nvmlSystemEventSetWaitRequest_v1_t}: version@0:4 timeoutms@4:4 set@8:8 data@16:8 dataSize@24:4 numEvent@28:4. */
    SYSTEM_EVENT_WAIT(32, 1),
    /** {@code nvmlProcessInfo_t}: pid@0:4 usedGpuMemory@8:8 gpuInstanceId@16:4 computeInstanceId@20:4. */
    PROCESS_INFO(24, 0),
    /** {@code nvmlProcessUtilizationSample_t}: pid@0:4 timeStamp@8:8 smUtil@16:4 memUtil@20:4 encUtil@24:4 decUtil@28:4. */
    PROCESS_SAMPLE(32, 0),
    /** {@code nvmlProcessUtilizationInfo_v1_t}: timeStamp@0:8 pid@8:4 smUtil@12:4 and five more shares. */
    PROCESS_UTILIZATION(40, 0),
    /** {@code nvmlProcessesUtilizationInfo_v1_t}: version@0:4 processSamplesCount@4:4 lastSeenTimeStamp@8:8 procUtilArray@16:8. */
    PROCESSES_UTILIZATION(24, 1),
    /** {@code nvmlFieldValue_t}: fieldId@0:4 scopeId@4:4 timestamp@8:8 latencyUsec@16:8 valueType@24:4 nvmlReturn@28:4 value@32:8. */
    FIELD_VALUE(40, 0),
    /** {@code nvmlMarginTemperature_v1_t}: version@0:4 marginTemperature@4:4 (signed). */
    MARGIN_TEMPERATURE(8, 1),
    /** {@code nvmlTemperature_v1_t}: version@0:4 sensorType@4:4 temperature@8:4 (signed). */
    TEMPERATURE(12, 1),
    /**
     * {@code nvmlEccSramErrorStatus_v1_t}: version@0:4 three aggregate counts@8 volatileUncParity@32:8
     * volatileUncSecDed@40:8 volatileCor@48:8 five buckets@56 bThresholdExceeded@96:4.
     */
    SRAM_ERRORS(104, 1),
    /** {@code nvmlViolationTime_t}: referenceTime@0:8 (µs) violationTime@8:8 (ns). */
    VIOLATION_TIME(16, 0),
    /** {@code nvmlGpmSupport_t}: version@0:4 (a bare 1) isSupportedDevice@4:4. */
    GPM_SUPPORT(8, 0),
    /** {@code nvmlGpmMetric_t}: metricId@0:4 nvmlReturn@4:4 value@8:8 (double) three strings@16. */
    GPM_METRIC(40, 0);

    /** NVML_DEVICE_UUID_V2_BUFFER_SIZE and NVML_DEVICE_NAME_V2_BUFFER_SIZE. */
    static final int DEVICE_TEXT_BYTES = 96;

    /** NVML_SYSTEM_DRIVER_VERSION_BUFFER_SIZE. */
    static final int DRIVER_VERSION_BYTES = 80;

    /** Room for any answer of one call. */
    static final int SCRATCH_BYTES = 128;

    private final int sizeBytes;
    private final int version;

    NvmlLayout(int sizeBytes, int version) {
        this.sizeBytes = sizeBytes;
        this.version = version;
    }

    int sizeBytes() {
        return sizeBytes;
    }

    /** NVML_STRUCT_VERSION: what the first four bytes of a versioned struct must hold, else NVML answers 25. */
    int versionWord() {
        if (version == 0) {
            throw new IllegalStateException(this + " has no version word");
        }
        return sizeBytes | version << 24;
    }
}
