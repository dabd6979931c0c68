/* A sound card that knows one rate, as many do: LD_PRELOAD this, and ALSA refuses every other.
 *
 *   ONE_RATE_HZ  the rate
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>

typedef int Set(void *, void *, unsigned int, int);
typedef int SetNear(void *, void *, unsigned int *, int *);

/* PortAudio is loaded with libraries of its own, which the next in line is not. */
static void *alsa(const char *name)
{
    return dlsym(dlopen("libasound.so.2", RTLD_LAZY), name);
}

static unsigned int only(void)
{
    const char *rate = getenv("ONE_RATE_HZ");
    return rate ? (unsigned int)atoi(rate) : 0;
}

int snd_pcm_hw_params_set_rate(void *pcm, void *wanted, unsigned int rate, int direction)
{
    Set *real = (Set *)alsa("snd_pcm_hw_params_set_rate");
    return only() && rate != only() ? -EINVAL : real(pcm, wanted, rate, direction);
}

int snd_pcm_hw_params_set_rate_near(void *pcm, void *wanted, unsigned int *rate, int *direction)
{
    SetNear *real = (SetNear *)alsa("snd_pcm_hw_params_set_rate_near");
    if (only()) *rate = only();
    return real(pcm, wanted, rate, direction);
}
