/* The NVML functions behind scripted_readings.h; part of scripted_nvml.c. */

int nvmlSystemGetCudaDriverVersion_v2(int *version) {
    int ret = enter_system("nvmlSystemGetCudaDriverVersion_v2");
    if (!ret) *version = script.cuda;
    return leave(ret);
}

#ifndef WITHOUT_nvmlDeviceGetFieldValues
static void answer_field(const readings_t *readings, field_value_t *row) {
    row->ret = NOT_SUPPORTED, row->value_type = 1, row->value.ull = 0xdeadbeefdeadbeefULL; /* undefined on error */
    for (int i = 0; i < readings->fields; i++) {
        const field_t *field = &readings->field[i];
        if (field->id != (int)row->field_id || field->scope != row->scope_id) continue;
        row->ret = field->ret, row->value_type = field->type;
        if (field->type == 0) row->value.d = field->d;
        else if (field->type == 1) row->value.ull = 0xdeadbeef00000000ULL | (unsigned)field->number;
        else row->value.ull = field->number;
        return;
    }
}

int nvmlDeviceGetFieldValues(void *device, int count, field_value_t *rows) {
    if (count <= 0) fault("nvmlDeviceGetFieldValues of %d fields", count);
    DEVICE_CALL("nvmlDeviceGetFieldValues", device, rows, {
        for (int i = 0; i < count; i++) answer_field(&gpu->readings, &rows[i]);
    });
}
#endif

#ifndef WITHOUT_nvmlDeviceGetTotalEnergyConsumption
int nvmlDeviceGetTotalEnergyConsumption(void *device, uint64_t *out) {
    DEVICE_CALL("nvmlDeviceGetTotalEnergyConsumption", device, out, *out = gpu->readings.energy_mj);
}
#endif

#ifndef WITHOUT_nvmlDeviceGetCurrentClocksEventReasons
int nvmlDeviceGetCurrentClocksEventReasons(void *device, uint64_t *out) {
    DEVICE_CALL("nvmlDeviceGetCurrentClocksEventReasons", device, out, *out = gpu->readings.reasons);
}
#endif

#ifndef WITHOUT_nvmlDeviceGetCurrentClocksThrottleReasons
int nvmlDeviceGetCurrentClocksThrottleReasons(void *device, uint64_t *out) {
    DEVICE_CALL("nvmlDeviceGetCurrentClocksThrottleReasons", device, out, *out = gpu->readings.reasons);
}
#endif

#ifndef WITHOUT_nvmlDeviceGetTotalEccErrors
int nvmlDeviceGetTotalEccErrors(void *device, int type, int counter, uint64_t *out) {
    if (type < 0 || type > 1 || counter != 0) fault("nvmlDeviceGetTotalEccErrors of type %d, counter %d", type, counter);
    DEVICE_CALL("nvmlDeviceGetTotalEccErrors", device, out,
                *out = type ? gpu->readings.ecc_uncorrected : gpu->readings.ecc_corrected);
}
#endif

#ifndef WITHOUT_nvmlDeviceGetViolationStatus
int nvmlDeviceGetViolationStatus(void *device, int policy, violation_t *out) {
    if (policy < 0 || policy > 5) fault("nvmlDeviceGetViolationStatus of policy %d", policy);
    DEVICE_CALL("nvmlDeviceGetViolationStatus", device, out, {
        out->reference_us = 1;
        out->violation_ns = gpu->readings.violation_ns;
    });
}
#endif

#ifndef WITHOUT_nvmlDeviceGetPcieReplayCounter
NUMBER_CALL(nvmlDeviceGetPcieReplayCounter, readings.replays)
#endif
#ifndef WITHOUT_nvmlDeviceGetCurrPcieLinkGeneration
NUMBER_CALL(nvmlDeviceGetCurrPcieLinkGeneration, readings.pcie_generation)
#endif
#ifndef WITHOUT_nvmlDeviceGetCurrPcieLinkWidth
NUMBER_CALL(nvmlDeviceGetCurrPcieLinkWidth, readings.pcie_width)
#endif
#ifndef WITHOUT_nvmlDeviceGetRetiredPagesPendingStatus
NUMBER_CALL(nvmlDeviceGetRetiredPagesPendingStatus, readings.pages_pending)
#endif

#ifndef WITHOUT_nvmlDeviceGetRemappedRows
int nvmlDeviceGetRemappedRows(void *device, unsigned *corrected, unsigned *uncorrected, unsigned *pending, unsigned *failed) {
    DEVICE_CALL("nvmlDeviceGetRemappedRows", device, corrected && uncorrected && pending && failed ? corrected : NULL, {
        *corrected = gpu->readings.rows_corrected;
        *uncorrected = gpu->readings.rows_uncorrected;
        *pending = gpu->readings.rows_pending;
        *failed = gpu->readings.rows_failed;
    });
}
#endif

#define VERSIONED(name, out, type)                                                      \
    if ((out)->version != (sizeof(type) | 1u << 24)) {                                  \
        fault("%s with version word 0x%08x", name, (out)->version);                    \
        return VERSION;                                                                 \
    }

#ifndef WITHOUT_nvmlDeviceGetMarginTemperature
int nvmlDeviceGetMarginTemperature(void *device, margin_t *out) {
    VERSIONED("nvmlDeviceGetMarginTemperature", out, margin_t)
    DEVICE_CALL("nvmlDeviceGetMarginTemperature", device, out, out->margin = gpu->readings.margin_c);
}
#endif

#ifndef WITHOUT_nvmlDeviceGetTemperatureV
int nvmlDeviceGetTemperatureV(void *device, temperature_t *out) {
    VERSIONED("nvmlDeviceGetTemperatureV", out, temperature_t)
    if (out->sensor != 0) fault("nvmlDeviceGetTemperatureV of sensor %d", out->sensor);
    DEVICE_CALL("nvmlDeviceGetTemperatureV", device, out, out->temperature = (int)gpu->temperature_c);
}
#endif

#ifndef WITHOUT_nvmlDeviceGetSramEccErrorStatus
int nvmlDeviceGetSramEccErrorStatus(void *device, sram_t *out) {
    VERSIONED("nvmlDeviceGetSramEccErrorStatus", out, sram_t)
    DEVICE_CALL("nvmlDeviceGetSramEccErrorStatus", device, out, {
        out->volatile_parity = gpu->readings.sram_parity;
        out->volatile_sec_ded = gpu->readings.sram_sec_ded;
        out->volatile_corrected = gpu->readings.sram_corrected;
        out->threshold_exceeded = gpu->readings.sram_threshold;
    });
}
#endif

/* ---- GPM ---- */

#ifndef WITHOUT_GPM
typedef struct { unsigned magic; int gpu, instance; int64_t taken_ns; } gpm_sample_t;
enum { GPM_MAGIC = 0x69e4a11c };

static int64_t monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int is_sample(const char *symbol, const gpm_sample_t *sample) {
    if (sample && sample->magic == GPM_MAGIC) return 1;
    fault("%s with what is no sample: %p", symbol, (const void *)sample);
    return 0;
}

static int leave_with_gpm(const char *symbol, int ret) { leave_gpm(symbol); return leave(ret); }

int nvmlGpmQueryDeviceSupport(void *device, gpm_support_t *out) {
    static const char *symbol = "nvmlGpmQueryDeviceSupport";
    int gpu = -1;
    enter_gpm(symbol);
    int ret = enter_device(symbol, device, &gpu);
    if (!ret && out->version != 1) { fault("%s with version word 0x%08x", symbol, out->version); ret = VERSION; }
    if (!ret) out->supported = script.gpu[gpu].readings.gpm_supported;
    return leave_with_gpm(symbol, ret);
}

int nvmlGpmSampleAlloc(gpm_sample_t **out) {
    enter_gpm("nvmlGpmSampleAlloc");
    int ret = enter_system("nvmlGpmSampleAlloc");
    if (!ret) {
        *out = calloc(1, sizeof **out);
        (*out)->magic = GPM_MAGIC, (*out)->gpu = -1;
        atomic_fetch_add(&gpm_samples, 1);
    }
    return leave_with_gpm("nvmlGpmSampleAlloc", ret);
}

int nvmlGpmSampleFree(gpm_sample_t *sample) {
    enter_gpm("nvmlGpmSampleFree");
    int ret = enter_system("nvmlGpmSampleFree");
    if (ret == script.reload_ret) ret = OK; /* memory of the library: no driver is asked */
    if (!ret && is_sample("nvmlGpmSampleFree", sample)) sample->magic = 0, free(sample), atomic_fetch_sub(&gpm_samples, 1);
    return leave_with_gpm("nvmlGpmSampleFree", ret);
}

static int take_sample(const char *symbol, void *device, int instance, gpm_sample_t *sample) {
    int gpu = -1;
    enter_gpm(symbol);
    int ret = enter_device(symbol, device, &gpu);
    if (!ret && mig_of_call) { fault("%s with the handle of a MIG device", symbol); ret = INVALID; }
    if (!ret && instance != WHOLE && !has_gpu_instance(gpu, instance)) ret = NOT_FOUND;
    if (!ret && !is_sample(symbol, sample)) ret = INVALID;
    if (!ret) sample->gpu = gpu, sample->instance = instance, sample->taken_ns = monotonic_ns();
    return leave_with_gpm(symbol, ret);
}

int nvmlGpmSampleGet(void *device, gpm_sample_t *sample) {
    return take_sample("nvmlGpmSampleGet", device, WHOLE, sample);
}

#ifndef WITHOUT_nvmlGpmMigSampleGet
int nvmlGpmMigSampleGet(void *device, unsigned instance, gpm_sample_t *sample) {
    return take_sample("nvmlGpmMigSampleGet", device, (int)instance, sample);
}
#endif

static void answer_metric(const readings_t *readings, int instance, gpm_metric_t *row) {
    row->ret = NOT_SUPPORTED, row->value = 1744830608; /* undefined on error */
    for (int i = 0; i < readings->metrics; i++)
        if (readings->metric[i].id == (int)row->id && readings->metric[i].instance == instance)
            row->ret = readings->metric[i].ret, row->value = readings->metric[i].value;
}

int nvmlGpmMetricsGet(gpm_get_t *get) {
    static const char *symbol = "nvmlGpmMetricsGet";
    enter_gpm(symbol);
    int ret = enter(symbol);
    gpm_sample_t *one = get->sample1, *two = get->sample2;
    if (!ret && get->version != 1) { fault("%s with version word 0x%08x", symbol, get->version); ret = VERSION; }
    if (!ret && (!is_sample(symbol, one) || !is_sample(symbol, two))) ret = INVALID;
    if (!ret && (one == two || one->gpu != two->gpu || one->instance != two->instance || one->gpu < 0)) { fault("%s of two GPUs or instances, or of no sample", symbol); ret = INVALID; }
    if (!ret && get->count > 333) { fault("%s of %u metrics", symbol, get->count); ret = INVALID; }
    if (!ret) ret = scripted(symbol, one->gpu);
    if (!ret) {
        pthread_mutex_lock(&lock);
        for (unsigned i = 0; i < get->count; i++) answer_metric(&script.gpu[one->gpu].readings, one->instance, &get->metrics[i]);
        pthread_mutex_unlock(&lock);
    }
    return leave_with_gpm(symbol, ret);
}
#endif

static int size_of_reading(const char *type) {
    if (!strcmp(type, "FIELD_VALUE")) return sizeof(field_value_t);
    if (!strcmp(type, "MARGIN_TEMPERATURE")) return sizeof(margin_t);
    if (!strcmp(type, "TEMPERATURE")) return sizeof(temperature_t);
    if (!strcmp(type, "SRAM_ERRORS")) return sizeof(sram_t);
    if (!strcmp(type, "VIOLATION_TIME")) return sizeof(violation_t);
    if (!strcmp(type, "GPM_SUPPORT")) return sizeof(gpm_support_t);
    if (!strcmp(type, "GPM_METRIC")) return sizeof(gpm_metric_t);
    return -1;
}
