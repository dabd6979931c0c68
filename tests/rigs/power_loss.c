/* A disk that forgets, for tests of power cuts: LD_PRELOAD this, and what a process makes durable
 * below POWER_ROOT is copied to POWER_DISK at the moment of its fsync. After the process was
 * killed, POWER_DISK/tree is what the disk still has.
 *
 * Content survives only by fsync or fdatasync of the file; as on ext4 that keeps the file's present
 * name too. Any other name (a rename, a removal) survives only by fsync of the folder. Stricter
 * than most disks: whatever passes here does not rely on luck.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LONGEST 4096

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Where the content of one inode is kept; its birth tells it from an earlier one of its number. */
static int content_path(const char *path, char *out) {
    struct statx s;
    if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &s) != 0)
        return -1;
    return snprintf(out, LONGEST, "%s/content/%llu-%lld-%u", getenv("POWER_DISK"),
                    (unsigned long long)s.stx_ino, (long long)s.stx_btime.tv_sec,
                    s.stx_btime.tv_nsec);
}

static void copy(const char *from, const char *to, off_t length) {
    char beside[LONGEST + 8], piece[65536];
    snprintf(beside, sizeof beside, "%s.part", to);
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    while (in >= 0 && out >= 0 && length > 0) {
        ssize_t n = read(in, piece, (size_t)(length < (off_t)sizeof piece ? length
                                                                          : (off_t)sizeof piece));
        if (n <= 0 || write(out, piece, (size_t)n) != n)
            break;
        length -= n;
    }
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    rename(beside, to);
}

static void keep_file(const char *path, const char *kept, off_t length) {
    char content[LONGEST];
    if (content_path(path, content) < 0)
        return;
    copy(path, content, length);
    copy(content, kept, length);
}

/* The names of one folder, each with the content that its inode has on the disk. */
static void keep_names(const char *path, const char *kept) {
    char live[2 * LONGEST], there[2 * LONGEST], content[LONGEST];
    struct dirent *entry;
    struct stat s;
    mkdir(kept, 0700);
    DIR *folder = opendir(kept);
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        snprintf(live, sizeof live, "%s/%s", path, entry->d_name);
        snprintf(there, sizeof there, "%s/%s", kept, entry->d_name);
        if (lstat(live, &s) != 0 && lstat(there, &s) == 0 && S_ISREG(s.st_mode))
            unlink(there);
    }
    if (folder != NULL)
        closedir(folder);
    folder = opendir(path);
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        snprintf(live, sizeof live, "%s/%s", path, entry->d_name);
        snprintf(there, sizeof there, "%s/%s", kept, entry->d_name);
        if (lstat(live, &s) != 0 || entry->d_name[0] == '\0')
            continue;
        if (S_ISDIR(s.st_mode) && strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
            mkdir(there, 0700);
        if (!S_ISREG(s.st_mode) || content_path(live, content) < 0)
            continue;
        if (stat(content, &s) == 0)
            copy(content, there, s.st_size);
        else
            copy("/dev/null", there, 0);
    }
    if (folder != NULL)
        closedir(folder);
}

static int synced(int fd, const char *name) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    const char *root = getenv("POWER_ROOT"), *disk = getenv("POWER_DISK");
    char link[64], path[LONGEST] = "", kept[2 * LONGEST];
    struct stat s;
    fstat(fd, &s); /* what is written after this is not promised */
    int answer = real(fd);
    if (answer != 0 || root == NULL || disk == NULL)
        return answer;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (readlink(link, path, sizeof path - 1) <= 0 || strncmp(path, root, strlen(root)) != 0)
        return answer;
    snprintf(kept, sizeof kept, "%s/tree%s", disk, path + strlen(root));
    pthread_mutex_lock(&lock);
    if (S_ISREG(s.st_mode))
        keep_file(path, kept, s.st_size);
    else if (S_ISDIR(s.st_mode))
        keep_names(path, kept);
    pthread_mutex_unlock(&lock);
    return answer;
}

int fsync(int fd) { return synced(fd, "fsync"); }

int fdatasync(int fd) { return synced(fd, "fdatasync"); }
