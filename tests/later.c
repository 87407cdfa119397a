/*
 * tests/later loads this before libfaketime, for what libfaketime 0.9.10 lacks: the times of files move with the clock,
 * and Python 3.11 can sleep. LATER_OFFSET is the offset of the clock in seconds, LATER_START the real time of the start:
 * files that are older, such as the installed programs, keep their times.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long offset, start;

/* Not by getenv: bash has its own. */
__attribute__((constructor)) static void read_settings(void) {
  for (char **variable = environ; variable && *variable; variable++) {
    if (strncmp(*variable, "LATER_OFFSET=", 13) == 0) offset = atol(*variable + 13);
    if (strncmp(*variable, "LATER_START=", 12) == 0) start = atol(*variable + 12);
  }
}

/* st_ctim is set by the kernel, whatever the other times have been set to. */
#define STAT(name, parameters, ...)              \
  int name parameters {                                \
    int(*next) parameters = dlsym(RTLD_NEXT, #name);   \
    int failed = next(__VA_ARGS__);                    \
    if (!failed && status->st_ctim.tv_sec > start) {  \
      status->st_atim.tv_sec += offset;                \
      status->st_mtim.tv_sec += offset;                \
      status->st_ctim.tv_sec += offset;                \
    }                                                  \
    return failed;                                     \
  }

#define STATS(suffix)                                                                                       \
  STAT(stat##suffix, (const char *path, struct stat##suffix *status), path, status)                       \
  STAT(lstat##suffix, (const char *path, struct stat##suffix *status), path, status)                      \
  STAT(fstat##suffix, (int file, struct stat##suffix *status), file, status)                              \
  STAT(fstatat##suffix, (int at, const char *path, struct stat##suffix *status, int flags), at, path, status, flags)

STATS()
STATS(64)

int statx(int at, const char *path, int flags, unsigned mask, struct statx *status) {
  int failed = syscall(SYS_statx, at, path, flags, mask | STATX_CTIME, status) != 0;
  if (!failed && status->stx_ctime.tv_sec > start) {
    status->stx_atime.tv_sec += offset;
    status->stx_mtime.tv_sec += offset;
    status->stx_ctime.tv_sec += offset;
    status->stx_btime.tv_sec += offset;
  }
  return -failed;
}

static struct timespec *back(const struct timespec *given, struct timespec *real) {
  for (int i = 0; given && i < 2; i++) {
    real[i] = given[i];
    if (given[i].tv_nsec != UTIME_NOW && given[i].tv_nsec != UTIME_OMIT) real[i].tv_sec -= offset;
  }
  return given ? real : NULL;
}

int utimensat(int at, const char *path, const struct timespec times[2], int flags) {
  struct timespec real[2];
  return syscall(SYS_utimensat, at, path, back(times, real), flags);
}

int futimens(int file, const struct timespec times[2]) {
  struct timespec real[2];
  return syscall(SYS_utimensat, file, NULL, back(times, real), 0);
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *wanted, struct timespec *left) {
  struct timespec real = *wanted;
  if (clock == CLOCK_REALTIME && flags == TIMER_ABSTIME) real.tv_sec -= offset;
  return syscall(SYS_clock_nanosleep, clock, flags, &real, left) == 0 ? 0 : errno;
}
