/*
 * A libnvidia-ml.so.1 that answers as a script says. The script's format: docs/scripted-nvml.md.
 *
 * It is strict where the real one is forgiving: a call before init, a handle of an earlier driver load, a wrong version
 * word, a shutdown under a running call are written to nvml.faults beside the script, and the tests fail on them.
 *
 * -DWITHOUT_<symbol> leaves a symbol out, as an older driver does.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { OK = 0, UNINITIALIZED = 1, INVALID = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, TOO_SMALL = 7, LOST = 15, VERSION = 25 };
enum { MAX_GPUS = 64, MAX_RULES = 256, MAX_RING = 512, MAX_SYMBOLS = 160, RINGS = 3 };
#include "scripted_readings.h"

typedef struct { unsigned gpu, memory; } utilization_t;
typedef struct { uint64_t total, free, used; } memory_v1_t;
typedef struct { unsigned version; uint64_t total, reserved, free, used; } memory_v2_t;
typedef union { double d; unsigned u; uint64_t ull; } value_t;
typedef struct { uint64_t timestamp; value_t value; } sample_t;

typedef struct {
    char uuid[96], name[96];
    unsigned utilization, copy_utilization, power_mw, limit_mw, temperature_c, sm_mhz, memory_mhz;
    uint64_t total, used, reserved;
    int ring_auto[RINGS], ring_type[RINGS], ring_count[RINGS];
    sample_t ring[RINGS][MAX_RING];
    readings_t readings;
} gpu_t;

typedef struct { char symbol[64]; int gpu, ret, delay_ms, hang; } rule_t;

typedef struct {
    char driver[80];
    int load, reload_ret, gpus, order[MAX_GPUS], present, rules, cuda;
    gpu_t gpu[MAX_GPUS];
    rule_t rule[MAX_RULES];
} script_t;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static script_t script;
static char script_path[4096];
static struct stat script_stat;
static unsigned script_version; /* rises each time the script is read */
static int hanging;             /* calls that have found themselves hung by this version */
static int inits, initialised_load = -1;
static unsigned epoch; /* rises with each driver load or full shutdown; part of every handle */
static atomic_int calls_under_way;
static struct { char symbol[64]; long calls; } tally[MAX_SYMBOLS];

static void fault(const char *format, ...) {
    char path[4200];
    const char *slash = strrchr(script_path, '/');
    snprintf(path, sizeof path, "%.*s/nvml.faults", slash ? (int)(slash - script_path) : 1, slash ? script_path : ".");
    FILE *file = fopen(path, "a");
    if (!file) abort();
    va_list arguments;
    va_start(arguments, format);
    vfprintf(file, format, arguments);
    va_end(arguments);
    fputc('\n', file);
    fclose(file);
}

/* ---- the script ---- */

static void gpu_defaults(gpu_t *gpu, int number) {
    memset(gpu, 0, sizeof *gpu);
    snprintf(gpu->uuid, sizeof gpu->uuid, "GPU-00000000-0000-0000-0000-%012d", number);
    snprintf(gpu->name, sizeof gpu->name, "NVIDIA H200");
    gpu->utilization = 50, gpu->copy_utilization = 30, gpu->power_mw = 400000, gpu->limit_mw = 700000;
    gpu->temperature_c = 55, gpu->sm_mhz = 1980, gpu->memory_mhz = 3201;
    gpu->total = 150754820096ULL, gpu->used = 120000000000ULL, gpu->reserved = 600000000ULL;
    gpu->ring_auto[0] = gpu->ring_auto[1] = 1;
    gpu->ring_type[0] = gpu->ring_type[1] = gpu->ring_type[2] = 1;
    readings_defaults(&gpu->readings);
}

static int set_value(gpu_t *gpu, const char *key, const char *value) {
    uint64_t number = strtoull(value, NULL, 0);
#define TEXT(k) if (!strcmp(key, #k)) return snprintf(gpu->k, sizeof gpu->k, "%s", value), 1
#define NUMBER(k) if (!strcmp(key, #k)) return gpu->k = number, 1
    TEXT(uuid); TEXT(name);
    NUMBER(utilization); NUMBER(copy_utilization); NUMBER(power_mw); NUMBER(limit_mw); NUMBER(temperature_c);
    NUMBER(sm_mhz); NUMBER(memory_mhz); NUMBER(total); NUMBER(used); NUMBER(reserved);
    return set_reading(&gpu->readings, key, value);
}

static void bad_line(const char *word) { fault("script: \"%s\" is not understood", word); }

/* gpu <n|*> key=value ...; a value with a blank stands in quotes */
static void gpu_line(script_t *to, char *which, char *rest) {
    int all = !strcmp(which, "*"), number = all ? 0 : atoi(which);
    if (number < 0 || number >= MAX_GPUS) { bad_line(which); return; }
    while (rest && *rest) {
        rest += strspn(rest, " \t");
        if (!*rest) break;
        char *key = rest, *equals = strchr(rest, '=');
        if (!equals) { bad_line(key); return; }
        *equals = 0;
        char *value = equals + 1, *end;
        if (*value == '"') { value++; end = strchr(value, '"'); } else end = value + strcspn(value, " \t");
        rest = end && *end ? end + 1 : NULL;
        if (end) *end = 0;
        for (int i = all ? 0 : number; i < (all ? MAX_GPUS : number + 1); i++)
            if (!set_value(&to->gpu[i], key, value)) { bad_line(key); return; }
    }
}

/* ring <n|*> gpu|memory|power auto|empty|double|TIMESTAMP:VALUE ...; one of power is empty unless told otherwise */
static void ring_line(script_t *to, char *which, char *rest) {
    int all = !strcmp(which, "*"), number = all ? 0 : atoi(which);
    char *at, *name = strtok_r(rest, " \t", &at), copy[8192];
    int ring = !name ? -1 : !strcmp(name, "gpu") ? 0 : !strcmp(name, "memory") ? 1 : !strcmp(name, "power") ? 2 : -1;
    if (ring < 0) { bad_line("ring"); return; }
    for (int i = all ? 0 : number; i < (all ? MAX_GPUS : number + 1); i++) {
        gpu_t *gpu = &to->gpu[i];
        gpu->ring_auto[ring] = gpu->ring_count[ring] = 0;
        snprintf(copy, sizeof copy, "%s", at ? at : "");
        char *next, *word = strtok_r(copy, " \t", &next);
        for (; word; word = strtok_r(NULL, " \t", &next)) {
            char *colon = strchr(word, ':');
            if (!strcmp(word, "auto")) gpu->ring_auto[ring] = 1;
            else if (!strcmp(word, "double")) gpu->ring_type[ring] = 0;
            else if (!strcmp(word, "empty")) continue;
            else if (!colon || gpu->ring_count[ring] == MAX_RING) { bad_line(word); return; }
            else {
                sample_t *sample = &gpu->ring[ring][gpu->ring_count[ring]++];
                sample->timestamp = strtoull(word, NULL, 0);
                if (gpu->ring_type[ring] == 0) sample->value.d = strtod(colon + 1, NULL);
                /* of a 32-bit value the upper half of the union is junk, as with the real driver */
                else sample->value.ull = 0xdeadbeef00000000ULL | (unsigned)strtoul(colon + 1, NULL, 0);
            }
        }
    }
}

/* call <symbol|*> [gpu=n] [ret=n] [delay_ms=n] [hang] */
static void call_line(script_t *to, char *symbol, char *rest) {
    if (to->rules == MAX_RULES) { bad_line("call"); return; }
    rule_t *rule = &to->rule[to->rules++];
    memset(rule, 0, sizeof *rule);
    rule->gpu = -1;
    snprintf(rule->symbol, sizeof rule->symbol, "%s", symbol);
    char *next, *word = rest ? strtok_r(rest, " \t", &next) : NULL;
    for (; word; word = strtok_r(NULL, " \t", &next)) {
        if (!strncmp(word, "gpu=", 4)) rule->gpu = atoi(word + 4);
        else if (!strncmp(word, "ret=", 4)) rule->ret = atoi(word + 4);
        else if (!strncmp(word, "delay_ms=", 9)) rule->delay_ms = atoi(word + 9);
        else if (!strcmp(word, "hang")) rule->hang = 1;
        else bad_line(word);
    }
}

static void order_line(script_t *to, char *rest) {
    to->present = 0;
    char *next, *word = rest ? strtok_r(rest, " \t", &next) : NULL;
    for (; word && to->present < MAX_GPUS; word = strtok_r(NULL, " \t", &next)) to->order[to->present++] = atoi(word);
}

static int life_line(char *word, char *first, char *rest);
static void forget_lives(void);
static gpu_t *gpu_named(script_t *to, const char *which, int *last) {
    int all = !strcmp(which, "*"), number = all ? 0 : atoi(which);
    if (number < 0 || number >= MAX_GPUS) { bad_line(which); return NULL; }
    *last = all ? MAX_GPUS : number + 1;
    return &to->gpu[number];
}

/* field <n|*> ID[@SCOPE] [VALUE] [u32|u64|double] [ret=CODE] */
static void field_line(script_t *to, char *which, char *rest) {
    int last;
    gpu_t *gpu = gpu_named(to, which, &last);
    if (gpu) for (field_t field = parse_field(rest, bad_line); gpu < &to->gpu[last]; gpu++) put_field(&gpu->readings, field, bad_line);
}

/* gpm <n|*> METRIC VALUE|nan|ret=CODE [gi=INSTANCE] */
static void gpm_line(script_t *to, char *which, char *rest) {
    int last;
    gpu_t *gpu = gpu_named(to, which, &last);
    if (gpu) for (gpm_t metric = parse_gpm(rest, bad_line); gpu < &to->gpu[last]; gpu++) put_gpm(&gpu->readings, metric, bad_line);
}

static void script_line(script_t *to, char *line) {
    line[strcspn(line, "\r\n#")] = 0;
    char *next, *word = strtok_r(line, " \t", &next);
    if (!word) return;
    if (!strcmp(word, "order")) { order_line(to, next); return; }
    char *first = strtok_r(NULL, " \t", &next);
    if (life_line(word, first, next)) return;
    if (!first) bad_line(word);
    else if (!strcmp(word, "driver")) snprintf(to->driver, sizeof to->driver, "%s", first);
    else if (!strcmp(word, "load")) to->load = atoi(first);
    else if (!strcmp(word, "reload_ret")) to->reload_ret = atoi(first);
    else if (!strcmp(word, "gpus")) {
        to->gpus = to->present = atoi(first);
        if (to->gpus < 0 || to->gpus > MAX_GPUS) { bad_line(first); to->gpus = to->present = 0; }
    }
    else if (!strcmp(word, "gpu")) gpu_line(to, first, next);
    else if (!strcmp(word, "ring")) ring_line(to, first, next);
    else if (!strcmp(word, "cuda")) to->cuda = atoi(first);
    else if (!strcmp(word, "field")) field_line(to, first, next);
    else if (!strcmp(word, "gpm")) gpm_line(to, first, next);
    else if (!strcmp(word, "call")) call_line(to, first, next);
    else bad_line(word);
}

static void find_script(void) {
    Dl_info self;
    const char *told = getenv("SCRIPTED_NVML");
    if (told) { snprintf(script_path, sizeof script_path, "%s", told); return; }
    if (!dladdr((void *)find_script, &self)) abort();
    const char *slash = strrchr(self.dli_fname, '/');
    snprintf(script_path, sizeof script_path, "%.*s/nvml.script", slash ? (int)(slash - self.dli_fname) : 1,
             slash ? self.dli_fname : ".");
}

/* Reads the script anew when it has been replaced. Under the lock. */
static void refresh(void) {
    if (!*script_path) find_script();
    struct stat now;
    if (stat(script_path, &now) != 0) { memset(&now, 0, sizeof now); }
    if (script.driver[0] && now.st_ino == script_stat.st_ino && now.st_size == script_stat.st_size
        && now.st_mtim.tv_sec == script_stat.st_mtim.tv_sec && now.st_mtim.tv_nsec == script_stat.st_mtim.tv_nsec)
        return;
    script_stat = now;
    script_version++, hanging = 0;
    memset(&script, 0, sizeof script);
    forget_lives();
    snprintf(script.driver, sizeof script.driver, "590.48.01");
    script.load = 1, script.reload_ret = 999, script.gpus = script.present = 1, script.cuda = 13010;
    for (int i = 0; i < MAX_GPUS; i++) { gpu_defaults(&script.gpu[i], i); script.order[i] = i; }
    FILE *file = fopen(script_path, "r");
    if (!file) return;
    char line[8192];
    while (fgets(line, sizeof line, file)) script_line(&script, line);
    fclose(file);
}

/* Two threads in GPM at once crash the real library. One that hangs there for ever is not counted. */
static atomic_int in_gpm;
static __thread int counted_in_gpm;
static atomic_int gpm_samples; /* made and not yet freed */

__attribute__((unused)) static void enter_gpm(const char *symbol) {
    counted_in_gpm = 1;
    if (atomic_fetch_add(&in_gpm, 1) > 0) fault("%s while another thread is in GPM", symbol);
}

static void leave_gpm(const char *symbol) {
    (void)symbol;
    if (counted_in_gpm) atomic_fetch_sub(&in_gpm, 1);
    counted_in_gpm = 0;
}

static int rule_for(const char *symbol, int gpu, rule_t *found) {
    int matched = 0; /* the last line that fits wins */
    for (int i = 0; i < script.rules; i++) {
        rule_t *rule = &script.rule[i];
        if ((!strcmp(rule->symbol, "*") ? gpu >= 0 : !strcmp(rule->symbol, symbol)) && (rule->gpu < 0 || rule->gpu == gpu))
            *found = *rule, matched = 1;
    }
    return matched;
}

static void pause_ms(int ms) {
    struct timespec time = {ms / 1000, (ms % 1000) * 1000000L};
    nanosleep(&time, NULL);
}

/* Hangs, waits and errors as the script says; a hang ends when the script no longer tells it. */
static int scripted(const char *symbol, int gpu) {
    rule_t rule;
    int first = 1;
    unsigned hung_by = 0;
    for (;;) {
        pthread_mutex_lock(&lock);
        refresh();
        int found = rule_for(symbol, gpu, &rule);
        if (found && rule.hang && hung_by != script_version) hung_by = script_version, hanging++;
        pthread_mutex_unlock(&lock);
        if (!found) return OK;
        if (rule.hang) { leave_gpm(symbol); pause_ms(5); first = 0; continue; }
        if (rule.delay_ms && first) pause_ms(rule.delay_ms);
        return rule.ret;
    }
}

/* ---- handles and the state of the library ---- */

static void count_call(const char *symbol) {
    for (int i = 0; i < MAX_SYMBOLS; i++) {
        if (!tally[i].symbol[0]) snprintf(tally[i].symbol, sizeof tally[i].symbol, "%s", symbol);
        if (!strcmp(tally[i].symbol, symbol)) { tally[i].calls++; return; }
    }
    abort();
}

static __thread int mig_of_call; /* which MIG device a handle names, from 1; 0: the GPU */

static void *handle_of(int gpu) { return (void *)(uintptr_t)(0x4000000000ULL | (uint64_t)epoch << 16 | (gpu + 1) << 4); }

static int is_present(int gpu) {
    for (int i = 0; i < script.present; i++) if (script.order[i] == gpu) return 1;
    return 0;
}

/* Whether the library is in a state to answer. Each is paired with one leave(). */
static int enter(const char *symbol) {
    pthread_mutex_lock(&lock);
    refresh();
    count_call(symbol);
    int ret = OK;
    if (inits == 0) { fault("%s before nvmlInit_v2", symbol); ret = UNINITIALIZED; }
    else if (initialised_load != script.load) ret = script.reload_ret;
    pthread_mutex_unlock(&lock);
    atomic_fetch_add(&calls_under_way, 1);
    return ret;
}

static int enter_system(const char *symbol) {
    int ret = enter(symbol);
    return ret ? ret : scripted(symbol, -1);
}

static int leave(int ret) { atomic_fetch_sub(&calls_under_way, 1); return ret; }

/* Finds the GPU of a handle, and does to the call what the script says. */
static int enter_device(const char *symbol, void *device, int *gpu) {
    int ret = enter(symbol);
    if (ret) return ret;
    uintptr_t bits = (uintptr_t)device;
    pthread_mutex_lock(&lock);
    *gpu = (int)((bits >> 4) & 0xfff) - 1;
    mig_of_call = (int)(bits & 0xf);
    if ((void *)(bits & ~(uintptr_t)0xf) != handle_of(*gpu)) {
        fault("%s with a handle of an earlier driver load, or none: %p", symbol, device);
        ret = INVALID;
    } else if (!is_present(*gpu)) ret = LOST;
    pthread_mutex_unlock(&lock);
    return ret ? ret : scripted(symbol, *gpu);
}

#define DEVICE_CALL(name, device, out, fill)                     \
    int gpu_number = -1, ret = enter_device(name, device, &gpu_number); \
    if (ret) return leave(ret);                                  \
    if (!(out)) { fault("%s with a null pointer", name); return leave(INVALID); } \
    pthread_mutex_lock(&lock);                                   \
    gpu_t *gpu = &script.gpu[gpu_number];                        \
    fill;                                                        \
    (void)gpu;                                                   \
    pthread_mutex_unlock(&lock);                                 \
    return leave(OK)

static int put_text(const char *symbol, char *out, unsigned length, const char *text) {
    if (!out || length <= strlen(text)) { fault("%s with room for %u bytes", symbol, length); return TOO_SMALL; }
    if (!strcmp(text, "unterminated")) memset(out, 'x', length);
    else strcpy(out, text);
    return OK;
}

/* ---- NVML ---- */

#ifndef WITHOUT_nvmlInit_v2
int nvmlInit_v2(void) {
    int ret = scripted("nvmlInit_v2", -1);
    pthread_mutex_lock(&lock);
    count_call("nvmlInit_v2");
    if (!ret) {
        if (inits == 0 || initialised_load != script.load) epoch++;
        initialised_load = script.load;
        inits++;
    }
    pthread_mutex_unlock(&lock);
    return ret;
}
#endif

int nvmlShutdown(void) {
    int ret = scripted("nvmlShutdown", -1);
    pthread_mutex_lock(&lock);
    count_call("nvmlShutdown");
    if (inits == 0) { fault("nvmlShutdown without nvmlInit_v2"); ret = UNINITIALIZED; }
    else if (atomic_load(&calls_under_way)) fault("nvmlShutdown under a running call");
    else {
        if (inits == 1 && atomic_load(&gpm_samples)) fault("nvmlShutdown with %d GPM samples not freed", atomic_load(&gpm_samples));
        inits--;
    }
    pthread_mutex_unlock(&lock);
    return ret;
}

int nvmlSystemGetDriverVersion(char *out, unsigned length) {
    int ret = enter_system("nvmlSystemGetDriverVersion");
    return leave(ret ? ret : put_text("nvmlSystemGetDriverVersion", out, length, script.driver));
}

int nvmlDeviceGetCount_v2(unsigned *count) {
    int ret = enter_system("nvmlDeviceGetCount_v2");
    if (!ret) *count = script.present;
    return leave(ret);
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) {
    int ret = enter("nvmlDeviceGetHandleByIndex_v2");
    if (!ret && index >= (unsigned)script.present) ret = INVALID;
    if (!ret) ret = scripted("nvmlDeviceGetHandleByIndex_v2", script.order[index]);
    if (!ret) *device = handle_of(script.order[index]);
    return leave(ret);
}

int nvmlDeviceGetHandleByUUID(const char *uuid, void **device) {
    int ret = enter("nvmlDeviceGetHandleByUUID");
    if (ret) return leave(ret);
    for (int i = 0; i < script.present; i++) {
        int gpu = script.order[i];
        if (strcmp(script.gpu[gpu].uuid, uuid)) continue;
        ret = scripted("nvmlDeviceGetHandleByUUID", gpu);
        if (!ret) *device = handle_of(gpu);
        return leave(ret);
    }
    return leave(NOT_FOUND);
}

int nvmlDeviceGetIndex(void *device, unsigned *index) {
    DEVICE_CALL("nvmlDeviceGetIndex", device, index,
                for (int i = 0; i < script.present; i++) if (script.order[i] == gpu_number) *index = i);
}

__attribute__((unused)) static int has_gpu_instance(int gpu, int instance);
static const char *mig_uuid(int gpu);
static const char *mig_name(int gpu);
__attribute__((unused)) static void mig_memory(int gpu, memory_v2_t *out);

int nvmlDeviceGetUUID(void *device, char *out, unsigned length) {
    int text = OK;
    int gpu = -1, ret = enter_device("nvmlDeviceGetUUID", device, &gpu);
    if (!ret) text = put_text("nvmlDeviceGetUUID", out, length, mig_of_call ? mig_uuid(gpu) : script.gpu[gpu].uuid);
    return leave(ret ? ret : text);
}

int nvmlDeviceGetName(void *device, char *out, unsigned length) {
    int text = OK;
    int gpu = -1, ret = enter_device("nvmlDeviceGetName", device, &gpu);
    if (!ret) text = put_text("nvmlDeviceGetName", out, length, mig_of_call ? mig_name(gpu) : script.gpu[gpu].name);
    return leave(ret ? ret : text);
}

#ifndef WITHOUT_nvmlDeviceGetUtilizationRates
int nvmlDeviceGetUtilizationRates(void *device, utilization_t *out) {
    DEVICE_CALL("nvmlDeviceGetUtilizationRates", device, out, {
        out->gpu = gpu->utilization;
        out->memory = gpu->copy_utilization;
    });
}
#endif

#ifndef WITHOUT_nvmlDeviceGetMemoryInfo
int nvmlDeviceGetMemoryInfo(void *device, memory_v1_t *out) {
    DEVICE_CALL("nvmlDeviceGetMemoryInfo", device, out, {
        out->total = gpu->total;
        out->used = gpu->used + gpu->reserved; /* v1 does not separate what is reserved */
        out->free = gpu->total - out->used;
    });
}
#endif

#ifndef WITHOUT_nvmlDeviceGetMemoryInfo_v2
int nvmlDeviceGetMemoryInfo_v2(void *device, memory_v2_t *out) {
    int gpu_number = -1, ret = enter_device("nvmlDeviceGetMemoryInfo_v2", device, &gpu_number);
    if (ret) return leave(ret);
    if (out->version != (sizeof(memory_v2_t) | 2u << 24)) {
        fault("nvmlDeviceGetMemoryInfo_v2 with version word 0x%08x", out->version);
        return leave(VERSION);
    }
    pthread_mutex_lock(&lock);
    gpu_t *gpu = &script.gpu[gpu_number];
    out->total = gpu->total, out->used = gpu->used, out->reserved = gpu->reserved;
    if (mig_of_call) mig_memory(gpu_number, out);
    out->free = out->total - out->used - out->reserved;
    pthread_mutex_unlock(&lock);
    return leave(OK);
}
#endif

#define NUMBER_CALL(symbol, member)                 \
    int symbol(void *device, unsigned *out) {       \
        DEVICE_CALL(#symbol, device, out, *out = gpu->member); \
    }

#ifndef WITHOUT_nvmlDeviceGetPowerUsage
NUMBER_CALL(nvmlDeviceGetPowerUsage, power_mw)
#endif
#ifndef WITHOUT_nvmlDeviceGetEnforcedPowerLimit
NUMBER_CALL(nvmlDeviceGetEnforcedPowerLimit, limit_mw)
#endif
#ifndef WITHOUT_nvmlDeviceGetPowerManagementLimit
NUMBER_CALL(nvmlDeviceGetPowerManagementLimit, limit_mw)
#endif

#ifndef WITHOUT_nvmlDeviceGetTemperature
int nvmlDeviceGetTemperature(void *device, int sensor, unsigned *out) {
    if (sensor != 0) fault("nvmlDeviceGetTemperature of sensor %d", sensor);
    DEVICE_CALL("nvmlDeviceGetTemperature", device, out, *out = gpu->temperature_c);
}
#endif

#ifndef WITHOUT_nvmlDeviceGetClockInfo
int nvmlDeviceGetClockInfo(void *device, int clock, unsigned *out) {
    if (clock != 1 && clock != 2) fault("nvmlDeviceGetClockInfo of clock %d", clock);
    DEVICE_CALL("nvmlDeviceGetClockInfo", device, out, *out = clock == 2 ? gpu->memory_mhz : gpu->sm_mhz);
}
#endif

#ifndef WITHOUT_nvmlDeviceGetSamples
/* The last 16 s at six values a second, as a real ring has them. */
static int auto_ring(gpu_t *gpu, int ring, sample_t *to) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t step = 166667, newest = ((uint64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000) / step;
    for (int i = 0; i < 96; i++) {
        to[i].timestamp = (newest - 95 + i) * step;
        to[i].value.ull = 0xdeadbeef00000000ULL | (ring == 0 ? gpu->utilization : ring == 1 ? gpu->copy_utilization : gpu->power_mw);
    }
    return 96;
}

int nvmlDeviceGetSamples(void *device, int type, uint64_t after, int *value_type, unsigned *count, sample_t *out) {
    static const char *name = "nvmlDeviceGetSamples";
    int gpu_number = -1, ret = enter_device(name, device, &gpu_number);
    if (ret) return leave(ret);
    if (!value_type || !count || type < 0 || type > 2) { fault("%s of type %d", name, type); return leave(INVALID); }
    static __thread sample_t all[MAX_RING];
    pthread_mutex_lock(&lock);
    gpu_t *gpu = &script.gpu[gpu_number];
    int ring = type == 0 ? 2 : type - 1, held = gpu->ring_auto[ring] ? auto_ring(gpu, ring, all) : gpu->ring_count[ring];
    if (!gpu->ring_auto[ring]) memcpy(all, gpu->ring[ring], held * sizeof *all);
    *value_type = gpu->ring_type[ring];
    pthread_mutex_unlock(&lock);
    if (!out) { *count = held > 100 ? held : 100; return leave(OK); }
    unsigned room = *count, given = 0;
    for (int i = 0; i < held; i++) if (all[i].timestamp > after) {
        if (given == room) return leave(TOO_SMALL);
        out[given++] = all[i];
    }
    *count = given;
    return leave(given ? OK : NOT_FOUND);
}
#endif

#include "scripted_life.c"
#include "scripted_readings.c"

/* ---- for the tests ---- */

long scripted_nvml_calls(const char *symbol) {
    long calls = 0;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < MAX_SYMBOLS; i++) if (!strcmp(tally[i].symbol, symbol)) calls = tally[i].calls;
    pthread_mutex_unlock(&lock);
    return calls;
}

int scripted_nvml_inits(void) { return inits; }

int scripted_nvml_hanging(void) {
    pthread_mutex_lock(&lock);
    refresh();
    int calls = hanging;
    pthread_mutex_unlock(&lock);
    return calls;
}

int scripted_nvml_sizeof(const char *type) {
    if (!strcmp(type, "UTILIZATION")) return sizeof(utilization_t);
    if (!strcmp(type, "MEMORY_V1")) return sizeof(memory_v1_t);
    if (!strcmp(type, "MEMORY_V2")) return sizeof(memory_v2_t);
    if (!strcmp(type, "SAMPLE")) return sizeof(sample_t);
    if (!strcmp(type, "PROCESS_INFO")) return sizeof(process_info_t);
    if (!strcmp(type, "PROCESS_SAMPLE")) return sizeof(process_sample_t);
    if (!strcmp(type, "PROCESS_UTILIZATION")) return sizeof(process_utilization_t);
    if (!strcmp(type, "PROCESSES_UTILIZATION")) return sizeof(processes_utilization_t);
    if (!strcmp(type, "EVENT_DATA")) return sizeof(event_data_t);
    if (!strcmp(type, "SYSTEM_EVENT_SET")) return sizeof(system_set_t);
    if (!strcmp(type, "SYSTEM_REGISTER_EVENT")) return sizeof(system_register_t);
    if (!strcmp(type, "SYSTEM_EVENT_DATA")) return sizeof(system_data_t);
    if (!strcmp(type, "SYSTEM_EVENT_WAIT")) return sizeof(system_wait_t);
    return size_of_reading(type);
}
