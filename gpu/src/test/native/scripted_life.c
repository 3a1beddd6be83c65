/*
 * What happens to the scripted GPUs by itself: XID events, driver unbind, the recovery action. Included by
 * scripted_nvml.c; the script's format: docs/scripted-nvml.md.
 */

enum { TIMEOUT = 10, MAX_EVENTS = 512, XID_CRITICAL = 0x8, FIELD_RECOVERY_ACTION = 230 };

typedef struct { void *device; uint64_t type, data; unsigned gpu_instance, compute_instance; } event_data_t;
typedef struct { unsigned version; void *set; } system_set_t;
typedef struct { unsigned version; uint64_t types; void *set; } system_register_t;
typedef struct { uint64_t type; unsigned gpu_id; } system_data_t;
typedef struct { unsigned version, timeout_ms; void *set; system_data_t *data; unsigned data_size, events; } system_wait_t;
typedef struct {
    unsigned id, scope; int64_t timestamp, latency_us; unsigned type; int ret; value_t value;
} field_value_t;

typedef struct { int gpu; unsigned xid, gpu_instance; } scripted_event_t;

static scripted_event_t event_queue[MAX_EVENTS];
static int event_count;
static int driver_unbinds, driver_binds;
static int event_sets __attribute__((unused)); /* made and not yet freed */
static int registered[MAX_GPUS] __attribute__((unused));

/* xid GPU NUMBER [times=N] [gi=INSTANCE] | unbind | bind: happens once each time the script is read */
static int life_line(char *word, char *first, char *rest) {
    if (!strcmp(word, "unbind")) return ++driver_unbinds;
    if (!strcmp(word, "bind")) return ++driver_binds;
    if (strcmp(word, "xid")) return 0;
    char *next, *number = rest ? strtok_r(rest, " \t", &next) : NULL;
    if (!first || !number) { bad_line("xid"); return 1; }
    scripted_event_t event = {atoi(first), (unsigned)atoi(number), 0xffffffffu};
    int times = 1;
    char *more = strtok_r(NULL, " \t", &next);
    for (; more; more = strtok_r(NULL, " \t", &next)) {
        if (!strncmp(more, "times=", 6)) times = atoi(more + 6);
        else if (!strncmp(more, "gi=", 3)) event.gpu_instance = (unsigned)atoi(more + 3);
        else bad_line(more);
    }
    while (times-- > 0 && event_count < MAX_EVENTS) event_queue[event_count++] = event;
    return 1;
}

#ifndef WITHOUT_nvmlEventSetCreate
int nvmlEventSetCreate(void **set) {
    int ret = enter_system("nvmlEventSetCreate");
    pthread_mutex_lock(&lock);
    if (!ret) {
        event_sets++;
        memset(registered, 0, sizeof registered);
        *set = (void *)(uintptr_t)(0x5000000000ULL | (uint64_t)epoch << 16 | 1);
    }
    pthread_mutex_unlock(&lock);
    return leave(ret);
}

static int is_set(const char *symbol, void *set) {
    if (set == (void *)(uintptr_t)(0x5000000000ULL | (uint64_t)epoch << 16 | 1)) return 1;
    fault("%s with an event set of an earlier driver load, or none: %p", symbol, set);
    return 0;
}

int nvmlEventSetFree(void *set) {
    int ret = enter_system("nvmlEventSetFree");
    if (!ret && !is_set("nvmlEventSetFree", set)) ret = INVALID;
    if (!ret) event_sets--;
    return leave(ret);
}

int nvmlDeviceGetSupportedEventTypes(void *device, uint64_t *mask) {
    DEVICE_CALL("nvmlDeviceGetSupportedEventTypes", device, mask, *mask = XID_CRITICAL | 0x2 | 0x1);
}

int nvmlDeviceRegisterEvents(void *device, uint64_t mask, void *set) {
    int gpu = -1, ret = enter_device("nvmlDeviceRegisterEvents", device, &gpu);
    if (ret) return leave(ret);
    if (!is_set("nvmlDeviceRegisterEvents", set)) return leave(INVALID);
    if (mask & ~(uint64_t)(XID_CRITICAL | 0x2 | 0x1)) fault("nvmlDeviceRegisterEvents for types not supported: %llx", (unsigned long long)mask);
    registered[gpu] = 1;
    return leave(OK);
}

/* Takes the first event of a registered GPU. Under the lock. */
static int take_event(event_data_t *out) {
    for (int i = 0; i < event_count; i++) {
        scripted_event_t event = event_queue[i];
        if (event.gpu < 0 || event.gpu >= MAX_GPUS || !registered[event.gpu]) continue;
        memmove(event_queue + i, event_queue + i + 1, (--event_count - i) * sizeof *event_queue);
        *out = (event_data_t){handle_of(event.gpu), XID_CRITICAL, event.xid, event.gpu_instance, 0xffffffffu};
        return 1;
    }
    return 0;
}

int nvmlEventSetWait_v2(void *set, event_data_t *out, unsigned timeout_ms) {
    int ret = enter_system("nvmlEventSetWait_v2");
    if (ret) return leave(ret);
    if (!is_set("nvmlEventSetWait_v2", set)) return leave(INVALID);
    for (unsigned waited = 0;; waited += 5) {
        pthread_mutex_lock(&lock);
        refresh();
        int taken = take_event(out);
        pthread_mutex_unlock(&lock);
        if (taken) return leave(OK);
        if (waited >= timeout_ms) return leave(TIMEOUT);
        pause_ms(5);
    }
}
#endif

#ifndef WITHOUT_nvmlSystemEventSetCreate
static int right_version(const char *symbol, unsigned version, unsigned size) {
    if (version == (size | 1u << 24)) return 1;
    fault("%s with version word 0x%08x", symbol, version);
    return 0;
}

int nvmlSystemEventSetCreate(system_set_t *request) {
    int ret = enter_system("nvmlSystemEventSetCreate");
    if (!ret && !right_version("nvmlSystemEventSetCreate", request->version, sizeof *request)) ret = VERSION;
    if (!ret) request->set = (void *)(uintptr_t)0x6000000000ULL;
    return leave(ret);
}

int nvmlSystemEventSetFree(system_set_t *request) {
    int ret = enter_system("nvmlSystemEventSetFree");
    if (!ret && !right_version("nvmlSystemEventSetFree", request->version, sizeof *request)) ret = VERSION;
    return leave(ret);
}

int nvmlSystemRegisterEvents(system_register_t *request) {
    int ret = enter_system("nvmlSystemRegisterEvents");
    if (!ret && !right_version("nvmlSystemRegisterEvents", request->version, sizeof *request)) ret = VERSION;
    return leave(ret);
}

int nvmlSystemEventSetWait(system_wait_t *request) {
    int ret = enter_system("nvmlSystemEventSetWait");
    if (!ret && !right_version("nvmlSystemEventSetWait", request->version, sizeof *request)) ret = VERSION;
    if (ret) return leave(ret);
    pthread_mutex_lock(&lock);
    request->events = 0;
    if (driver_unbinds) driver_unbinds--, request->data[0] = (system_data_t){1, 0}, request->events = 1;
    else if (driver_binds) driver_binds--, request->data[0] = (system_data_t){2, 0}, request->events = 1;
    ret = request->events ? OK : TIMEOUT;
    pthread_mutex_unlock(&lock);
    return leave(ret);
}
#endif

#ifndef WITHOUT_nvmlDeviceGetFieldValues
int nvmlDeviceGetFieldValues(void *device, int count, field_value_t *values) {
    DEVICE_CALL("nvmlDeviceGetFieldValues", device, values, {
        for (int i = 0; i < count; i++) {
            values[i].ret = INVALID;
            if (values[i].id != FIELD_RECOVERY_ACTION || gpu->recovery_action < 0) continue;
            values[i].ret = OK;
            values[i].type = 1;
            values[i].value.ull = 0xdeadbeef00000000ULL | (unsigned)gpu->recovery_action;
        }
    });
}
#endif
