/* A camera for tests, where the kernel has none: LD_PRELOAD this, and /dev/video0 answers as a
 * V4L2 capture device that delivers the JPEGs of a file.
 *
 * open() returns a timerfd that ticks at the frame rate, so that select() and poll() of the
 * program under test need no hook; ioctl() and mmap() on that descriptor are answered here.
 *
 *   VCAM_SRC     concatenated JPEGs (required)
 *   VCAM_DEV     the path it answers to                    /dev/video0
 *   VCAM_MODES   what it can do, the first when it is asked for something else:
 *                e.g. "MJPG:1280x720:30,YUYV:640x480:30"   MJPG:1280x720:30
 *                MJPG comes from VCAM_SRC, or from VCAM_SRC_640x480 where that is set;
 *                YUYV and GREY are a grey wedge that moves
 *   VCAM_FPS     pictures a second of the first mode       30
 *   VCAM_REPEAT  how often each JPEG is shown              1
 *   VCAM_NAME    what it calls itself                      Virtual Camera
 *   VCAM_CTL     a file whose first letter is looked at for every call:
 *                ok | busy (cannot be opened) | gone (unplugged) | freeze (one picture for ever)
 *                | stall (no picture comes)
 *   VCAM_LISTED  set: it is seen in its folder, unless gone
 *   VCAM_LOCK    a file that lets one process stream at a time; others get EBUSY
 *   VCAM_CLOCK   set: ticks fall on whole frames of CLOCK_MONOTONIC, and the picture shown is
 *                floor(now * FPS), so that pictures tell the time; a picture is stamped
 *                when it came on, however late it is fetched
 *   VCAM_LOG     a file: one line a picture, "<sequence> <index in VCAM_SRC> <monotonic ns>"
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define BUFFERS 4
#define SECOND_NS 1000000000LL

#define MODES 16

typedef struct {
    uint32_t fourcc;
    int width, height, fps;
} Mode;

static struct {
    const char *device, *source, *control, *lock, *log, *name;
    Mode modes[MODES];
    int modes_known, repeat, follows_clock, is_listed;
} wish;

static Mode mode;                    /* the one that was asked for last */

static struct {                      /* the film, mapped into memory */
    const char *source;
    const unsigned char *bytes;
    size_t *starts;                  /* frames + 1 of them */
    int frames;
} film;

static struct {                      /* the device, as long as it is open */
    int descriptor, memory, lock, is_streaming, is_nonblocking, buffers;
    unsigned char *buffer_bytes;
    size_t buffer_size;
    int queue[BUFFERS], queued;
    uint32_t sequence;
    int last_index;
    FILE *log;
} cam = {.descriptor = -1, .memory = -1, .lock = -1};

static int (*real_open)(const char *, int, ...);
static int (*real_openat)(int, const char *, int, ...);
static int (*real_ioctl)(int, unsigned long, ...);
static int (*real_close)(int);
static void *(*real_mmap)(void *, size_t, int, int, int, off_t);
static DIR *(*real_opendir)(const char *);
static struct dirent *(*real_readdir)(DIR *);
static int (*real_closedir)(DIR *);
static DIR *listing;                 /* of the device's folder, the camera not told yet */

static const char *setting(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value && *value ? value : otherwise;
}

static void read_modes(void)
{
    char text[512];
    snprintf(text, sizeof text, "%s", setting("VCAM_MODES", "MJPG:1280x720:30"));
    for (char *part = strtok(text, ","); part && wish.modes_known < MODES; part = strtok(NULL, ",")) {
        Mode *next = &wish.modes[wish.modes_known++];
        char name[5] = "";
        if (sscanf(part, "%4[^:]:%dx%d:%d", name, &next->width, &next->height, &next->fps) != 4)
            abort();
        next->fourcc = v4l2_fourcc(name[0], name[1], name[2], name[3]);
    }
    if (getenv("VCAM_FPS")) wish.modes[0].fps = atoi(getenv("VCAM_FPS"));
    mode = wish.modes[0];
}

static void prepare(void)
{
    if (real_open) return;
    real_openat = dlsym(RTLD_NEXT, "openat");
    real_ioctl = dlsym(RTLD_NEXT, "ioctl");
    real_close = dlsym(RTLD_NEXT, "close");
    real_mmap = dlsym(RTLD_NEXT, "mmap");
    real_opendir = dlsym(RTLD_NEXT, "opendir");
    real_readdir = dlsym(RTLD_NEXT, "readdir");
    real_closedir = dlsym(RTLD_NEXT, "closedir");
    wish.device = setting("VCAM_DEV", "/dev/video0");
    wish.source = setting("VCAM_SRC", NULL);
    wish.control = setting("VCAM_CTL", NULL);
    wish.lock = setting("VCAM_LOCK", NULL);
    wish.log = setting("VCAM_LOG", NULL);
    wish.name = setting("VCAM_NAME", "Virtual Camera");
    wish.repeat = atoi(setting("VCAM_REPEAT", "1"));
    wish.follows_clock = setting("VCAM_CLOCK", NULL) != NULL;
    wish.is_listed = setting("VCAM_LISTED", NULL) != NULL;
    read_modes();
    real_open = dlsym(RTLD_NEXT, "open");
}

static int fail(int error)
{
    errno = error;
    return -1;
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * SECOND_NS + now.tv_nsec;
}

/* Whether the control file says the word that begins with this letter. */
static int is_told(char letter)
{
    char first = 'o';
    if (!wish.control) return 0;
    int file = real_open(wish.control, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    if (read(file, &first, 1) != 1) first = 'o';
    real_close(file);
    return first == letter;
}

/* ---- the film ---- */

static int load_film(void)
{
    struct stat about;
    char variable[64];
    snprintf(variable, sizeof variable, "VCAM_SRC_%dx%d", mode.width, mode.height);
    const char *source = setting(variable, wish.source);
    if (film.frames && film.source == source) return 0;
    int file = source ? real_open(source, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return -1;
    if (fstat(file, &about)) { real_close(file); return -1; }
    size_t length = (size_t)about.st_size, capacity = 64, at = 0;
    film.bytes = real_mmap(NULL, length, PROT_READ, MAP_PRIVATE, file, 0);
    real_close(file);
    if (film.bytes == MAP_FAILED) return -1;
    free(film.starts);
    film.source = source;
    film.starts = malloc((capacity + 1) * sizeof *film.starts);
    for (int count = 0;; ) {                       /* FF D9 ends a JPEG, FF D8 begins the next */
        if ((size_t)count == capacity)
            film.starts = realloc(film.starts, ((capacity *= 2) + 1) * sizeof *film.starts);
        film.starts[count++] = at;
        const unsigned char *end = memmem(film.bytes + at, length - at, "\xff\xd9\xff\xd8\xff", 5);
        film.starts[count] = end ? (size_t)(end - film.bytes) + 2 : length;
        if (!end) { film.frames = count; break; }
        at = film.starts[count];
    }
    return 0;
}

static size_t largest_picture(void)
{
    size_t most = 0;
    for (int each = 0; each < wish.modes_known; each++) {
        size_t bytes = (size_t)wish.modes[each].width * wish.modes[each].height * 2;
        if (bytes > most) most = bytes;
    }
    return (most + 4095) & ~(size_t)4095;
}

/* A wedge of grey that moves two pixels a picture, with some noise, as a sensor has. */
static size_t draw(unsigned char *into, int index)
{
    static uint32_t chance = 1;
    size_t pixels = (size_t)mode.width * mode.height;
    int bytes = mode.fourcc == V4L2_PIX_FMT_YUYV ? 2 : 1;
    for (size_t at = 0; at < pixels; at++) {
        chance = chance * 1664525u + 1013904223u;
        int place = ((int)(at % mode.width) + 2 * index) % mode.width;
        into[at * bytes] = (unsigned char)(40 + place * 170 / mode.width + (chance >> 30));
        if (bytes == 2) into[at * 2 + 1] = 128;
    }
    return pixels * bytes;
}

static int index_now(int64_t *taken)
{
    *taken = now_ns();
    int64_t shown = (int64_t)cam.sequence;
    if (wish.follows_clock) {
        shown = (*taken + 500000) / 1000 * mode.fps / 1000000;
        *taken = (shown * SECOND_NS + mode.fps - 1) / mode.fps;
    }
    if (is_told('f')) return cam.last_index;
    int round = mode.fourcc == V4L2_PIX_FMT_MJPEG ? film.frames : 1 << 20;
    return cam.last_index = (int)(shown / wish.repeat % round);
}

/* ---- the device ---- */

static int open_camera(int flags)
{
    if (is_told('g')) return fail(ENOENT);
    if (is_told('b') || cam.descriptor >= 0) return fail(EBUSY);
    mode = wish.modes[0];
    if (load_film()) return fail(EIO);
    cam.buffer_size = largest_picture();
    cam.descriptor = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    cam.is_nonblocking = flags & O_NONBLOCK;
    cam.is_streaming = cam.queued = cam.buffers = 0;
    return cam.descriptor;
}

static void unlock(void)
{
    if (cam.lock >= 0) real_close(cam.lock);
    cam.lock = -1;
}

static int lock(void)
{
    if (!wish.lock || cam.lock >= 0) return 0;
    cam.lock = real_open(wish.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (cam.lock >= 0 && flock(cam.lock, LOCK_EX | LOCK_NB)) { unlock(); return -1; }
    return 0;
}

static void close_camera(void)
{
    cam.descriptor = -1;
    cam.is_streaming = 0;
    unlock();
}

static void describe_format(struct v4l2_pix_format *pixels, const Mode *given)
{
    memset(pixels, 0, sizeof *pixels);
    pixels->width = (uint32_t)given->width;
    pixels->height = (uint32_t)given->height;
    pixels->pixelformat = given->fourcc;
    pixels->field = V4L2_FIELD_NONE;
    if (given->fourcc == V4L2_PIX_FMT_YUYV) pixels->bytesperline = pixels->width * 2;
    if (given->fourcc == V4L2_PIX_FMT_GREY) pixels->bytesperline = pixels->width;
    pixels->sizeimage = pixels->bytesperline ? pixels->bytesperline * pixels->height
                                             : (uint32_t)cam.buffer_size;
    pixels->colorspace = V4L2_COLORSPACE_SRGB;
}

/* What a driver gives for a wish: the same kind where it has it, then the nearest size. */
static const Mode *nearest(const struct v4l2_pix_format *pixels)
{
    uint32_t fourcc = wish.modes[0].fourcc;
    const Mode *best = NULL;
    long least = 0;
    for (int each = 0; each < wish.modes_known; each++)
        if (wish.modes[each].fourcc == pixels->pixelformat) fourcc = pixels->pixelformat;
    for (int each = 0; each < wish.modes_known; each++) {
        const Mode *one = &wish.modes[each];
        long off = labs((long)one->width - (long)pixels->width)
                   + labs((long)one->height - (long)pixels->height);
        if (one->fourcc != fourcc || (best && off >= least)) continue;
        best = one;
        least = off;
    }
    return best;
}

static int query_capabilities(struct v4l2_capability *able)
{
    memset(able, 0, sizeof *able);
    snprintf((char *)able->driver, sizeof able->driver, "uvcvideo");
    snprintf((char *)able->card, sizeof able->card, "%s", wish.name);
    snprintf((char *)able->bus_info, sizeof able->bus_info, "usb-0000:00:14.0-1");
    able->version = 0x060100;
    able->device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
    able->capabilities = able->device_caps | V4L2_CAP_DEVICE_CAPS;
    return 0;
}

static int list_input(struct v4l2_input *input)
{
    if (input->index) return fail(EINVAL);
    memset(input, 0, sizeof *input);
    snprintf((char *)input->name, sizeof input->name, "Camera 1");
    input->type = V4L2_INPUT_TYPE_CAMERA;
    return 0;
}

/* The nth mode that fills the condition, each kind of picture once if `kinds_only`. */
static const Mode *listed(uint32_t wanted, uint32_t fourcc, int width, int height, int kinds_only)
{
    for (int each = 0; each < wish.modes_known; each++) {
        const Mode *one = &wish.modes[each];
        int is_known = 0;
        for (int before = 0; before < each; before++)
            is_known |= kinds_only && wish.modes[before].fourcc == one->fourcc;
        if (is_known || (fourcc && one->fourcc != fourcc)) continue;
        if (width && (one->width != width || one->height != height)) continue;
        if (!wanted--) return one;
    }
    return NULL;
}

static int list_format(struct v4l2_fmtdesc *format)
{
    const Mode *one = listed(format->index, 0, 0, 0, 1);
    if (!one) return fail(EINVAL);
    format->flags = one->fourcc == V4L2_PIX_FMT_MJPEG ? V4L2_FMT_FLAG_COMPRESSED : 0;
    format->pixelformat = one->fourcc;
    snprintf((char *)format->description, sizeof format->description, "%.4s",
             (const char *)&one->fourcc);
    return 0;
}

static int list_size(struct v4l2_frmsizeenum *size)
{
    const Mode *one = listed(size->index, size->pixel_format, 0, 0, 0);
    if (!one) return fail(EINVAL);
    size->type = V4L2_FRMSIZE_TYPE_DISCRETE;
    size->discrete.width = (uint32_t)one->width;
    size->discrete.height = (uint32_t)one->height;
    return 0;
}

static int list_interval(struct v4l2_frmivalenum *interval)
{
    const Mode *one = listed(interval->index, interval->pixel_format, (int)interval->width,
                             (int)interval->height, 0);
    if (!one) return fail(EINVAL);
    interval->type = V4L2_FRMIVAL_TYPE_DISCRETE;
    interval->discrete = (struct v4l2_fract){1, (uint32_t)one->fps};
    return 0;
}

static int get_format(struct v4l2_format *format)
{
    if (format->type != V4L2_BUF_TYPE_VIDEO_CAPTURE) return fail(EINVAL);
    describe_format(&format->fmt.pix, &mode);
    return 0;
}

static int set_format(struct v4l2_format *format, int for_good)
{
    if (format->type != V4L2_BUF_TYPE_VIDEO_CAPTURE) return fail(EINVAL);
    if (for_good && (cam.is_streaming || cam.buffers)) return fail(EBUSY);
    const Mode *given = nearest(&format->fmt.pix);
    if (for_good) {
        mode = *given;
        if (mode.fourcc == V4L2_PIX_FMT_MJPEG && load_film()) return fail(EIO);
    }
    describe_format(&format->fmt.pix, given);
    return 0;
}

static int parameters(struct v4l2_streamparm *stream)
{
    if (stream->type != V4L2_BUF_TYPE_VIDEO_CAPTURE) return fail(EINVAL);
    memset(&stream->parm, 0, sizeof stream->parm);
    stream->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
    stream->parm.capture.timeperframe = (struct v4l2_fract){1, (uint32_t)mode.fps};
    return 0;
}

static int request_buffers(struct v4l2_requestbuffers *request)
{
    if (request->memory != V4L2_MEMORY_MMAP) return fail(EINVAL);
    cam.queued = cam.buffers = 0;
    if (!request->count) { unlock(); return 0; }
    if (lock()) return fail(EBUSY);
    if (request->count > BUFFERS) request->count = BUFFERS;
    cam.buffers = (int)request->count;
    request->capabilities = V4L2_BUF_CAP_SUPPORTS_MMAP;
    if (cam.memory >= 0) return 0;
    cam.memory = memfd_create("vcam", MFD_CLOEXEC);
    if (ftruncate(cam.memory, (off_t)(cam.buffer_size * BUFFERS))) return -1;
    cam.buffer_bytes = real_mmap(NULL, cam.buffer_size * BUFFERS, PROT_READ | PROT_WRITE,
                                 MAP_SHARED, cam.memory, 0);
    return cam.buffer_bytes == MAP_FAILED ? -1 : 0;
}

static void describe_buffer(struct v4l2_buffer *buffer, uint32_t index)
{
    uint32_t type = buffer->type;
    memset(buffer, 0, sizeof *buffer);
    buffer->type = type;
    buffer->index = index;
    buffer->length = (uint32_t)cam.buffer_size;
    buffer->memory = V4L2_MEMORY_MMAP;
    buffer->m.offset = (uint32_t)(index * cam.buffer_size);
    buffer->flags = V4L2_BUF_FLAG_MAPPED;
    buffer->field = V4L2_FIELD_NONE;
}

static int query_buffer(struct v4l2_buffer *buffer)
{
    if ((int)buffer->index >= cam.buffers) return fail(EINVAL);
    describe_buffer(buffer, buffer->index);
    return 0;
}

static int queue_buffer(const struct v4l2_buffer *buffer)
{
    if ((int)buffer->index >= cam.buffers || cam.queued == BUFFERS) return fail(EINVAL);
    cam.queue[cam.queued++] = (int)buffer->index;
    return 0;
}

static int start(void)
{
    int64_t period = SECOND_NS / mode.fps, now = now_ns();
    int64_t coming = now / 1000 * mode.fps / 1000000 + 1;
    int64_t first = wish.follows_clock ? (coming * SECOND_NS + mode.fps - 1) / mode.fps
                                       : now + period;
    struct itimerspec ticks = {
        .it_interval = {period / SECOND_NS, period % SECOND_NS},
        .it_value = {first / SECOND_NS, first % SECOND_NS},
    };
    timerfd_settime(cam.descriptor, TFD_TIMER_ABSTIME, &ticks, NULL);
    cam.is_streaming = 1;
    if (!cam.log && wish.log) cam.log = fopen(wish.log, "w");
    return 0;
}

static int stop(void)
{
    struct itimerspec never = {0};
    timerfd_settime(cam.descriptor, 0, &never, NULL);
    cam.is_streaming = cam.queued = 0;
    return 0;
}

/* Wait for the next tick that brings a picture; a slow reader finds that several have passed. */
static int wait_for_picture(void)
{
    for (;;) {
        uint64_t ticks;
        if (read(cam.descriptor, &ticks, sizeof ticks) == sizeof ticks && !is_told('s')) {
            cam.sequence += (uint32_t)ticks;
            return 0;
        }
        if (cam.is_nonblocking) return fail(EAGAIN);
        struct pollfd waiting = {cam.descriptor, POLLIN, 0};
        poll(&waiting, 1, 1000);
        if (is_told('g')) return fail(ENODEV);
    }
}

static size_t fill(unsigned char *into, int index)
{
    if (mode.fourcc != V4L2_PIX_FMT_MJPEG) return is_told('f') ? 0 : draw(into, index);
    size_t length = film.starts[index + 1] - film.starts[index];
    if (length > cam.buffer_size) length = cam.buffer_size;
    memcpy(into, film.bytes + film.starts[index], length);
    return length;
}

static int take_buffer(struct v4l2_buffer *buffer)
{
    if (!cam.is_streaming) return fail(EINVAL);
    if (!cam.queued) return fail(EAGAIN);
    if (wait_for_picture()) return -1;
    int64_t taken;
    int index = index_now(&taken);
    int slot = cam.queue[0];
    memmove(cam.queue, cam.queue + 1, (size_t)--cam.queued * sizeof *cam.queue);
    size_t length = fill(cam.buffer_bytes + (size_t)slot * cam.buffer_size, index);
    describe_buffer(buffer, (uint32_t)slot);
    buffer->bytesused = (uint32_t)length;
    buffer->sequence = cam.sequence;
    buffer->flags |= V4L2_BUF_FLAG_DONE | V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
    buffer->timestamp.tv_sec = taken / SECOND_NS;
    buffer->timestamp.tv_usec = taken % SECOND_NS / 1000;
    if (cam.log) {
        fprintf(cam.log, "%u %d %lld\n", cam.sequence, index, (long long)taken);
        fflush(cam.log);
    }
    return 0;
}

static int answer(unsigned int request, void *argument)
{
    if (is_told('g')) return fail(ENODEV);
    switch (request) {
    case VIDIOC_QUERYCAP: return query_capabilities(argument);
    case VIDIOC_ENUMINPUT: return list_input(argument);
    case VIDIOC_G_INPUT: *(int *)argument = 0; return 0;
    case VIDIOC_S_INPUT: return *(int *)argument ? fail(EINVAL) : 0;
    case VIDIOC_ENUM_FMT: return list_format(argument);
    case VIDIOC_ENUM_FRAMESIZES: return list_size(argument);
    case VIDIOC_ENUM_FRAMEINTERVALS: return list_interval(argument);
    case VIDIOC_G_FMT: return get_format(argument);
    case VIDIOC_S_FMT: return set_format(argument, 1);
    case VIDIOC_TRY_FMT: return set_format(argument, 0);
    case VIDIOC_G_PARM: case VIDIOC_S_PARM: return parameters(argument);
    case VIDIOC_REQBUFS: return request_buffers(argument);
    case VIDIOC_QUERYBUF: return query_buffer(argument);
    case VIDIOC_QBUF: return queue_buffer(argument);
    case VIDIOC_STREAMON: return start();
    case VIDIOC_STREAMOFF: return stop();
    case VIDIOC_DQBUF: return take_buffer(argument);
    case VIDIOC_QUERYCTRL: case VIDIOC_G_CTRL: case VIDIOC_S_CTRL: return fail(EINVAL);
    default: return fail(ENOTTY);
    }
}

/* ---- what the program under test calls ---- */

#define MODE_OF(flags, mode)                          \
    mode_t mode = 0;                                  \
    if ((flags) & (O_CREAT | O_TMPFILE)) {            \
        va_list rest;                                 \
        va_start(rest, flags);                        \
        mode = va_arg(rest, mode_t);                  \
        va_end(rest);                                 \
    }

int open(const char *path, int flags, ...)
{
    prepare();
    MODE_OF(flags, mode)
    return strcmp(path, wish.device) ? real_open(path, flags, mode) : open_camera(flags);
}

int openat(int folder, const char *path, int flags, ...)
{
    prepare();
    MODE_OF(flags, mode)
    return strcmp(path, wish.device) ? real_openat(folder, path, flags, mode) : open_camera(flags);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));
int openat64(int folder, const char *path, int flags, ...) __attribute__((alias("openat")));

int __open_2(const char *path, int flags)
{
    return open(path, flags);
}

int __open64_2(const char *path, int flags) __attribute__((alias("__open_2")));

int ioctl(int descriptor, unsigned long request, ...)
{
    va_list rest;
    prepare();
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    if (descriptor >= 0 && descriptor == cam.descriptor)
        return answer((unsigned int)request, argument);
    return real_ioctl(descriptor, request, argument);
}

void *mmap(void *where, size_t length, int protection, int flags, int descriptor, off_t offset)
{
    prepare();
    if (descriptor >= 0 && descriptor == cam.descriptor)
        return real_mmap(where, length, protection, MAP_SHARED, cam.memory, offset);
    return real_mmap(where, length, protection, flags, descriptor, offset);
}

void *mmap64(void *where, size_t length, int protection, int flags, int descriptor, off_t offset)
    __attribute__((alias("mmap")));

int close(int descriptor)
{
    prepare();
    if (descriptor >= 0 && descriptor == cam.descriptor) close_camera();
    return real_close(descriptor);
}

/* ---- its place in the folder of devices ---- */

DIR *opendir(const char *path)
{
    prepare();
    DIR *opened = real_opendir(path);
    const char *end = strrchr(wish.device, '/');
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') length--;
    if (opened && wish.is_listed && !is_told('g') && length == (size_t)(end - wish.device)
        && !strncmp(path, wish.device, length))
        listing = opened;
    return opened;
}

struct dirent *readdir(DIR *folder)
{
    static struct dirent camera;
    prepare();
    if (folder != listing) return real_readdir(folder);
    listing = NULL;
    camera = (struct dirent){.d_ino = 1, .d_type = DT_CHR, .d_reclen = sizeof camera};
    snprintf(camera.d_name, sizeof camera.d_name, "%s", strrchr(wish.device, '/') + 1);
    return &camera;
}

struct dirent64 *readdir64(DIR *folder) __attribute__((alias("readdir")));

int closedir(DIR *folder)
{
    prepare();
    if (folder == listing) listing = NULL;
    return real_closedir(folder);
}
