/* A diary of what a program does to a folder, for power cuts: LD_PRELOAD this.
 *
 * Every change below DIARY_ROOT is done and then written down, data and all, with its instant;
 * of an fsync both the begin and the end. From the diary tests/rigs/power_cut.py makes the folder
 * as a power cut at any instant might have left it.
 *
 *   DIARY_ROOT   the folder, an absolute path without links
 *   DIARY_FILE   where the diary is written; outside of the folder
 *   DIARY_BOOT   a file that is read in place of the kernel's boot id: another life of the machine
 *
 * An entry: kind (1 byte), monotonic ns (8), inode (8), offset (8), length (4), then its bytes;
 * all little-endian.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

static int (*real_open)(const char *, int, ...);
static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_ftruncate)(int, off_t);
static int (*real_fsync)(int);
static int (*real_rename)(const char *, const char *);
static int (*real_unlink)(const char *);

static struct { const char *root, *boot; size_t root_length; int file; } diary = {.file = -1};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void prepare(void)
{
    if (real_open) return;
    real_write = dlsym(RTLD_NEXT, "write");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_rename = dlsym(RTLD_NEXT, "rename");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    int (*found)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    diary.root = getenv("DIARY_ROOT");
    diary.boot = getenv("DIARY_BOOT");
    diary.root_length = diary.root ? strlen(diary.root) : 0;
    const char *file = getenv("DIARY_FILE");
    if (file && diary.root)
        diary.file = found(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    real_open = found;
}

static int is_inside(const char *path)
{
    return diary.file >= 0 && !strncmp(path, diary.root, diary.root_length)
        && path[diary.root_length] == '/';
}

/* Whether a descriptor is of a file or folder inside; its path, its state. */
static int is_ours(int descriptor, char *path, struct stat *about)
{
    char link[64];
    if (diary.file < 0 || descriptor == diary.file || fstat(descriptor, about)) return 0;
    if (!S_ISREG(about->st_mode) && !S_ISDIR(about->st_mode)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return is_inside(path) || !strcmp(path, diary.root);
}

static void put(char *to, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) to[i] = (char)(value >> (8 * i));
}

static void note(char kind, uint64_t inode, uint64_t offset, const void *data, size_t length)
{
    struct timespec now;
    char entry[29];
    clock_gettime(CLOCK_MONOTONIC, &now);
    entry[0] = kind;
    put(entry + 1, (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec, 8);
    put(entry + 9, inode, 8);
    put(entry + 17, offset, 8);
    put(entry + 25, length, 4);
    if (real_write(diary.file, entry, sizeof entry) != sizeof entry) abort();
    if (length && real_write(diary.file, data, length) != (ssize_t)length) abort();
}

static int open_noted(const char *path, int flags, mode_t mode)
{
    if (diary.boot && !strcmp(path, BOOT_ID)) path = diary.boot;
    if (!is_inside(path) || !(flags & (O_CREAT | O_TRUNC))) return real_open(path, flags, mode);
    pthread_mutex_lock(&lock);
    int is_new = access(path, F_OK) != 0;
    int descriptor = real_open(path, flags, mode);
    struct stat about;
    if (descriptor >= 0 && !fstat(descriptor, &about) && S_ISREG(about.st_mode)) {
        if (is_new) note('c', about.st_ino, 0, path, strlen(path));
        else if (flags & O_TRUNC) note('t', about.st_ino, 0, NULL, 0);
    }
    pthread_mutex_unlock(&lock);
    return descriptor;
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
    return open_noted(path, flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));

ssize_t write(int descriptor, const void *data, size_t length)
{
    char path[PATH_MAX];
    struct stat about;
    prepare();
    if (!is_ours(descriptor, path, &about)) return real_write(descriptor, data, length);
    pthread_mutex_lock(&lock);
    int appends = fcntl(descriptor, F_GETFL) & O_APPEND;
    fstat(descriptor, &about);
    off_t at = appends ? about.st_size : lseek(descriptor, 0, SEEK_CUR);
    ssize_t written = real_write(descriptor, data, length);
    if (written > 0) note('w', about.st_ino, (uint64_t)at, data, (size_t)written);
    pthread_mutex_unlock(&lock);
    return written;
}

int ftruncate(int descriptor, off_t length)
{
    char path[PATH_MAX];
    struct stat about;
    prepare();
    if (!is_ours(descriptor, path, &about)) return real_ftruncate(descriptor, length);
    pthread_mutex_lock(&lock);
    int answer = real_ftruncate(descriptor, length);
    if (!answer) note('t', about.st_ino, (uint64_t)length, NULL, 0);
    pthread_mutex_unlock(&lock);
    return answer;
}

int ftruncate64(int descriptor, off_t length) __attribute__((alias("ftruncate")));

int fsync(int descriptor)
{
    char path[PATH_MAX];
    struct stat about;
    prepare();
    if (!is_ours(descriptor, path, &about)) return real_fsync(descriptor);
    int is_folder = S_ISDIR(about.st_mode);
    pthread_mutex_lock(&lock);
    note(is_folder ? 'D' : 'S', about.st_ino, 0, path, strlen(path));
    pthread_mutex_unlock(&lock);
    int answer = real_fsync(descriptor);
    pthread_mutex_lock(&lock);
    if (!answer) note(is_folder ? 'd' : 's', about.st_ino, 0, path, strlen(path));
    pthread_mutex_unlock(&lock);
    return answer;
}

int fdatasync(int descriptor) __attribute__((alias("fsync")));

int rename(const char *from, const char *to)
{
    char both[2 * PATH_MAX];
    prepare();
    if (!is_inside(from) || !is_inside(to)) return real_rename(from, to);
    pthread_mutex_lock(&lock);
    int answer = real_rename(from, to);
    if (!answer) {
        int length = snprintf(both, sizeof both, "%s\n%s", from, to);
        note('r', 0, 0, both, (size_t)length);
    }
    pthread_mutex_unlock(&lock);
    return answer;
}

int unlink(const char *path)
{
    prepare();
    if (!is_inside(path)) return real_unlink(path);
    pthread_mutex_lock(&lock);
    int answer = real_unlink(path);
    if (!answer) note('u', 0, 0, path, strlen(path));
    pthread_mutex_unlock(&lock);
    return answer;
}
