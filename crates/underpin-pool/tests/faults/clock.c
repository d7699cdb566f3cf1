/* Preloaded into a program: its wall clock jumps by as many seconds as the file named by CLOCK_JUMP says. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
    long failed = syscall(SYS_clock_gettime, clock, now);
    const char *path = getenv("CLOCK_JUMP");
    FILE *file = failed || clock != CLOCK_REALTIME || !path ? NULL : fopen(path, "r");
    if (file) {
        long seconds;
        if (fscanf(file, "%ld", &seconds) == 1)
            now->tv_sec += seconds;
        fclose(file);
    }
    return (int)failed;
}
