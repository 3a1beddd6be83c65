/*
 * What happens to the scripted GPUs by itself: XID events, driver unbind, the recovery action. Included by
 * scripted_nvml.c; the script's format: docs/scripted-nvml.md.
 */

enum { TIMEOUT = 10, MAX_EVENTS = 512, XID_CRITICAL = 0x8 };

typedef struct { void *device; uint64_t type, data; unsigned gpu_instance, compute_instance; } event_data_t;
typedef struct { unsigned version; void *set; } system_set_t;
typedef struct { unsigned version; uint64_t types; void *set; } system_register_t;
typedef struct { uint64_t type; unsigned gpu_id; } system_data_t;
typedef struct { unsigned version, timeout_ms; void *set; system_data_t *data; unsigned data_size, events; } system_wait_t;

typedef struct { int gpu; unsigned xid, gpu_instance; } scripted_event_t;

enum { MAX_PROCESSES = 256, MAX_MIG = 64, COMPUTE = 0, GRAPHICS = 1, MPS = 2 };

typedef struct { unsigned pid; uint64_t used; unsigned gpu_instance, compute_instance; } process_info_t;
typedef struct { unsigned pid; uint64_t timestamp; unsigned sm, memory, encoder, decoder; } process_sample_t;
typedef struct { uint64_t timestamp; unsigned pid, sm, memory, encoder, decoder, jpeg, ofa; } process_utilization_t;
typedef struct { unsigned version, count; uint64_t last_seen; process_utilization_t *records; } processes_utilization_t;

/* A list that begins anew each time the script is read. */
static struct { int gpu, kind; unsigned pid, sm, gpu_instance; uint64_t used; } process[MAX_PROCESSES];
static struct { int gpu; unsigned gpu_instance, compute_instance; uint64_t used, total; char uuid[96], name[96]; } mig[MAX_MIG];
static int processes, migs, hidden_processes;

static scripted_event_t event_queue[MAX_EVENTS];
static int event_count;
static int driver_unbinds, driver_binds;
static int event_sets __attribute__((unused)); /* made and not yet freed */
static int registered[MAX_GPUS] __attribute__((unused));

static void forget_lives(void) { processes = migs = hidden_processes = 0; }

/* process GPU pid=N used=BYTES [kind=graphics|mps] [sm=PERCENT] [gi=INSTANCE] */
static void process_line(char *first, char *rest) {
    int i = processes;
    if (!first || i == MAX_PROCESSES) { bad_line("process"); return; }
    memset(&process[i], 0, sizeof process[i]);
    process[i].gpu = atoi(first), process[i].gpu_instance = 0xffffffffu;
    char *next, *word = rest ? strtok_r(rest, " \t", &next) : NULL;
    for (; word; word = strtok_r(NULL, " \t", &next)) {
        if (!strncmp(word, "pid=", 4)) process[i].pid = (unsigned)atoi(word + 4);
        else if (!strncmp(word, "used=", 5)) process[i].used = strtoull(word + 5, NULL, 0);
        else if (!strncmp(word, "sm=", 3)) process[i].sm = (unsigned)strtoul(word + 3, NULL, 0);
        else if (!strncmp(word, "gi=", 3)) process[i].gpu_instance = (unsigned)atoi(word + 3);
        else if (!strcmp(word, "kind=graphics")) process[i].kind = GRAPHICS;
        else if (!strcmp(word, "kind=mps")) process[i].kind = MPS;
        else bad_line(word);
    }
    processes++;
}

/* mig GPU uuid=MIG-... gi=N ci=N used=BYTES total=BYTES */
static void mig_line(char *first, char *rest) {
    int i = migs;
    if (!first || i == MAX_MIG) { bad_line("mig"); return; }
    memset(&mig[i], 0, sizeof mig[i]);
    mig[i].gpu = atoi(first);
    snprintf(mig[i].name, sizeof mig[i].name, "NVIDIA H100 80GB HBM3 MIG 1g.10gb");
    char *next, *word = rest ? strtok_r(rest, " \t", &next) : NULL;
    for (; word; word = strtok_r(NULL, " \t", &next)) {
        if (!strncmp(word, "uuid=", 5)) snprintf(mig[i].uuid, sizeof mig[i].uuid, "%s", word + 5);
        else if (!strncmp(word, "gi=", 3)) mig[i].gpu_instance = (unsigned)atoi(word + 3);
        else if (!strncmp(word, "ci=", 3)) mig[i].compute_instance = (unsigned)atoi(word + 3);
        else if (!strncmp(word, "used=", 5)) mig[i].used = strtoull(word + 5, NULL, 0);
        else if (!strncmp(word, "total=", 6)) mig[i].total = strtoull(word + 6, NULL, 0);
        else bad_line(word);
    }
    migs++;
}

/* xid GPU NUMBER [times=N] [gi=INSTANCE] | unbind | bind: happens once each time the script is read */
static int life_line(char *word, char *first, char *rest) {
    if (!strcmp(word, "unbind")) return ++driver_unbinds;
    if (!strcmp(word, "bind")) return ++driver_binds;
    if (!strcmp(word, "process")) { process_line(first, rest); return 1; }
    if (!strcmp(word, "mig")) { mig_line(first, rest); return 1; }
    if (!strcmp(word, "hidden_processes")) { hidden_processes = first ? atoi(first) : 0; return 1; }
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

/* Tells of changes beside the script, so that a wait costs no more than the driver's; −1 where the host has no more of them. */
static int watch_script(void) {
    const char *slash = strrchr(script_path, '/');
    char folder[4096];
    snprintf(folder, sizeof folder, "%.*s", slash > script_path ? (int)(slash - script_path) : 1, slash ? script_path : ".");
    int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (watch >= 0 && inotify_add_watch(watch, folder, IN_CREATE | IN_CLOSE_WRITE | IN_MOVE | IN_DELETE) < 0) {
        close(watch);
        return -1;
    }
    return watch;
}

static void await_script(int watch, int ms) {
    if (watch < 0) { pause_ms(5); return; }
    char told[4096];
    struct pollfd changed = {watch, POLLIN, 0};
    if (poll(&changed, 1, ms) > 0) while (read(watch, told, sizeof told) > 0) {}
}

static int64_t monotonic_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

int nvmlEventSetWait_v2(void *set, event_data_t *out, unsigned timeout_ms) {
    int ret = enter_system("nvmlEventSetWait_v2");
    if (ret) return leave(ret);
    if (!is_set("nvmlEventSetWait_v2", set)) return leave(INVALID);
    int watch = watch_script(); /* before the first look: what comes between the two is told */
    int64_t until = monotonic_ms() + timeout_ms;
    for (;;) {
        pthread_mutex_lock(&lock);
        refresh();
        int taken = take_event(out);
        pthread_mutex_unlock(&lock);
        int64_t left_ms = until - monotonic_ms();
        if (taken || left_ms <= 0) {
            if (watch >= 0) close(watch);
            return leave(taken ? OK : TIMEOUT);
        }
        await_script(watch, left_ms < 500 ? (int)left_ms : 500);
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

/* ---- processes ---- */

/* Early 535 drivers wrote 32 bytes a record; they lack the detail list. */
#ifdef WITHOUT_nvmlDeviceGetRunningProcessDetailList
enum { PROCESS_BYTES = 32 };
#else
enum { PROCESS_BYTES = sizeof(process_info_t) };
int nvmlDeviceGetRunningProcessDetailList(void) { return NOT_SUPPORTED; }
#endif
int nvmlDeviceGetConfComputeMemSizeInfo(void) { return NOT_SUPPORTED; }

static int list_processes(const char *symbol, int kind, void *device, unsigned *count, void *out) {
    int gpu = -1, ret = enter_device(symbol, device, &gpu);
    if (ret) return leave(ret);
    pthread_mutex_lock(&lock);
    unsigned found = 0, room = *count;
    for (int i = 0; i < processes; i++) {
        if (process[i].gpu != gpu || process[i].kind != kind) continue;
        if (out && found < room) {
            process_info_t info = {process[i].pid, process[i].used, process[i].gpu_instance, 0xffffffffu};
            memcpy((char *)out + (size_t)found * PROCESS_BYTES, &info, sizeof info);
        }
        found++;
    }
    /* a list that grows between the two calls */
    unsigned told = !out && found > (unsigned)hidden_processes ? found - hidden_processes : found;
    pthread_mutex_unlock(&lock);
    *count = told;
    return leave(found > room ? TOO_SMALL : OK);
}

int nvmlDeviceGetComputeRunningProcesses_v3(void *device, unsigned *count, void *out) {
    return list_processes("nvmlDeviceGetComputeRunningProcesses_v3", COMPUTE, device, count, out);
}

int nvmlDeviceGetGraphicsRunningProcesses_v3(void *device, unsigned *count, void *out) {
    return list_processes("nvmlDeviceGetGraphicsRunningProcesses_v3", GRAPHICS, device, count, out);
}

int nvmlDeviceGetMPSComputeRunningProcesses_v3(void *device, unsigned *count, void *out) {
    return list_processes("nvmlDeviceGetMPSComputeRunningProcesses_v3", MPS, device, count, out);
}

static uint64_t now_micros(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static unsigned sampled(int gpu) {
    unsigned found = 0;
    for (int i = 0; i < processes; i++) found += process[i].gpu == gpu;
    return found;
}

int nvmlDeviceGetProcessUtilization(void *device, process_sample_t *out, unsigned *count, uint64_t after) {
    int gpu = -1, ret = enter_device("nvmlDeviceGetProcessUtilization", device, &gpu);
    if (ret) return leave(ret);
    (void)after;
    pthread_mutex_lock(&lock);
    unsigned all = sampled(gpu), given = 0;
    for (int i = 0; out && i < processes; i++)
        if (process[i].gpu == gpu && given < *count)
            out[given++] = (process_sample_t){process[i].pid, now_micros(), process[i].sm, 0, 0, 0};
    pthread_mutex_unlock(&lock);
    if (!all) return leave(NOT_FOUND);
    ret = out && given == all ? OK : TOO_SMALL;
    *count = all;
    return leave(ret);
}

#ifndef WITHOUT_nvmlDeviceGetProcessesUtilizationInfo
int nvmlDeviceGetProcessesUtilizationInfo(void *device, processes_utilization_t *request) {
    int gpu = -1, ret = enter_device("nvmlDeviceGetProcessesUtilizationInfo", device, &gpu);
    if (ret) return leave(ret);
    if (request->version != (sizeof *request | 1u << 24)) {
        fault("nvmlDeviceGetProcessesUtilizationInfo with version word 0x%08x", request->version);
        return leave(VERSION);
    }
    pthread_mutex_lock(&lock);
    unsigned all = sampled(gpu), given = 0;
    for (int i = 0; request->records && i < processes; i++)
        if (process[i].gpu == gpu && given < request->count)
            request->records[given++] = (process_utilization_t){now_micros(), process[i].pid, process[i].sm, 0, 0, 0, 0, 0};
    pthread_mutex_unlock(&lock);
    if (!all) return leave(NOT_FOUND);
    ret = request->records && given == all ? OK : TOO_SMALL;
    request->count = all;
    return leave(ret);
}
#endif

/* ---- MIG ---- */

static int mig_index(int gpu, int number) {
    for (int i = 0, seen = 0; i < migs; i++) if (mig[i].gpu == gpu && ++seen == number) return i;
    return -1;
}

static int has_gpu_instance(int gpu, int instance) {
    for (int i = 0; i < migs; i++) if (mig[i].gpu == gpu && (int)mig[i].gpu_instance == instance) return 1;
    return 0;
}

static const char *mig_uuid(int gpu) { int i = mig_index(gpu, mig_of_call); return i < 0 ? "" : mig[i].uuid; }
static const char *mig_name(int gpu) { int i = mig_index(gpu, mig_of_call); return i < 0 ? "" : mig[i].name; }

__attribute__((unused)) static void mig_memory(int gpu, memory_v2_t *out) {
    int i = mig_index(gpu, mig_of_call);
    out->total = i < 0 ? 0 : mig[i].total, out->used = i < 0 ? 0 : mig[i].used, out->reserved = 0;
}

int nvmlDeviceGetMigMode(void *device, unsigned *current, unsigned *pending) {
    DEVICE_CALL("nvmlDeviceGetMigMode", device, current, *current = *pending = mig_index(gpu_number, 1) >= 0);
}

int nvmlDeviceGetMaxMigDeviceCount(void *device, unsigned *count) {
    DEVICE_CALL("nvmlDeviceGetMaxMigDeviceCount", device, count, *count = 7);
}

int nvmlDeviceGetMigDeviceHandleByIndex(void *device, unsigned index, void **out) {
    int gpu = -1, ret = enter_device("nvmlDeviceGetMigDeviceHandleByIndex", device, &gpu);
    if (ret) return leave(ret);
    /* the second place is always a hole */
    int number = index == 0 ? 1 : index == 1 ? -1 : (int)index;
    if (number < 0 || mig_index(gpu, number) < 0) return leave(NOT_FOUND);
    *out = (void *)((uintptr_t)handle_of(gpu) | (uintptr_t)number);
    return leave(OK);
}

int nvmlDeviceGetGpuInstanceId(void *device, unsigned *out) {
    DEVICE_CALL("nvmlDeviceGetGpuInstanceId", device, out, {
        int i = mig_index(gpu_number, mig_of_call);
        *out = i < 0 ? 0 : mig[i].gpu_instance;
    });
}

int nvmlDeviceGetComputeInstanceId(void *device, unsigned *out) {
    DEVICE_CALL("nvmlDeviceGetComputeInstanceId", device, out, {
        int i = mig_index(gpu_number, mig_of_call);
        *out = i < 0 ? 0 : mig[i].compute_instance;
    });
}
