/* Preloaded into a process: its clock is FAULTS_SKEW seconds ahead of (or behind) everybody else's. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static long skew(void) {
    const char *text = getenv("FAULTS_SKEW");
    return text ? atol(text) : 0;
}

int clock_gettime(clockid_t id, struct timespec *moment) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(id, moment);
    if (!failed && id == CLOCK_REALTIME) moment->tv_sec += skew();
    return failed;
}

int gettimeofday(struct timeval *moment, void *zone) {
    static int (*real)(struct timeval *, void *);
    if (!real) real = dlsym(RTLD_NEXT, "gettimeofday");
    int failed = real(moment, zone);
    if (!failed && moment) moment->tv_sec += skew();
    return failed;
}

time_t time(time_t *kept) {
    struct timespec moment;
    clock_gettime(CLOCK_REALTIME, &moment);
    if (kept) *kept = moment.tv_sec;
    return moment.tv_sec;
}
