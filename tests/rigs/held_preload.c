/* A program that holds files for a while, as antivirus programs do: LD_PRELOAD this, and calls on
 * files below a folder are refused as long as the control file says so.
 *
 *   HELD_BELOW  the folder
 *   HELD_CTL    a file of words, looked at for every call:
 *                 write    writing, cutting and syncing files that are open      EACCES
 *                 open     opening files                                         EACCES
 *                 rename   replacing files                                       EBUSY
 *                 hang     every write takes 1.5 s
 *                 slow     opening a file or a folder takes 0.3 s
 *                 stuck    opening, writing, syncing, replacing and touching files
 *                          waits until the word is gone, as for a busy disk
 *   HELD_NAMES  only files whose name holds this
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static int (*real_open)(const char *, int, ...);
static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_fsync)(int);
static int (*real_ftruncate)(int, off_t);
static int (*real_rename)(const char *, const char *);
static int (*real_utimensat)(int, const char *, const struct timespec[2], int);
static DIR *(*real_opendir)(const char *);
static const char *below, *control, *names;

static void prepare(void)
{
    if (real_open) return;
    below = getenv("HELD_BELOW");
    control = getenv("HELD_CTL");
    names = getenv("HELD_NAMES");
    real_write = dlsym(RTLD_NEXT, "write");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate");
    real_rename = dlsym(RTLD_NEXT, "rename");
    real_utimensat = dlsym(RTLD_NEXT, "utimensat");
    real_opendir = dlsym(RTLD_NEXT, "opendir");
    real_open = dlsym(RTLD_NEXT, "open");
}

static int fail(int error)
{
    errno = error;
    return -1;
}

/* Whether the control file holds this word. */
static int is_told(const char *word)
{
    char told[128];
    int file = control ? real_open(control, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return 0;
    ssize_t length = read(file, told, sizeof told - 1);
    close(file);
    told[length > 0 ? length : 0] = 0;
    return strstr(told, word) != NULL;
}

static int is_ours(const char *path)
{
    if (!below || strncmp(path, below, strlen(below))) return 0;
    return !names || strstr(path, names) != NULL;
}

static int is_open_on_ours(int descriptor)
{
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return is_ours(path);
}

static void wait_while_stuck(void)
{
    struct timespec moment = {0, 50000000};
    while (is_told("stuck")) nanosleep(&moment, NULL);
}

static void dawdle(const char *path)
{
    struct timespec third = {0, 300000000};
    if (is_ours(path)) wait_while_stuck();
    if (is_ours(path) && is_told("slow")) nanosleep(&third, NULL);
}

int open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    prepare();
    if (flags & (O_CREAT | O_TMPFILE)) {
        va_list rest;
        va_start(rest, flags);
        mode = va_arg(rest, mode_t);
        va_end(rest);
    }
    if (is_ours(path) && is_told("open")) return fail(EACCES);
    dawdle(path);
    return real_open(path, flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));

ssize_t write(int descriptor, const void *data, size_t length)
{
    prepare();
    if (below && descriptor > 2 && is_open_on_ours(descriptor)) {
        struct timespec long_time = {1, 500000000};
        if (is_told("write")) return fail(EACCES);
        if (is_told("hang")) nanosleep(&long_time, NULL);
        wait_while_stuck();
    }
    return real_write(descriptor, data, length);
}

int fsync(int descriptor)
{
    prepare();
    if (is_open_on_ours(descriptor) && is_told("write")) return fail(EACCES);
    if (is_open_on_ours(descriptor)) wait_while_stuck();
    return real_fsync(descriptor);
}

int ftruncate(int descriptor, off_t length)
{
    prepare();
    if (is_open_on_ours(descriptor) && is_told("write")) return fail(EACCES);
    return real_ftruncate(descriptor, length);
}

int ftruncate64(int descriptor, off_t length) __attribute__((alias("ftruncate")));

int rename(const char *from, const char *to)
{
    prepare();
    if (is_ours(to) && is_told("rename")) return fail(EBUSY);
    if (is_ours(to)) wait_while_stuck();
    return real_rename(from, to);
}

int utimensat(int folder, const char *path, const struct timespec times[2], int flags)
{
    prepare();
    if (is_ours(path)) wait_while_stuck();
    return real_utimensat(folder, path, times, flags);
}

DIR *opendir(const char *path)
{
    prepare();
    dawdle(path);
    return real_opendir(path);
}
