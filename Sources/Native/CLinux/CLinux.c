#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int troupe_thread_set_name(const char *name) {
    char cut[16];
    strncpy(cut, name, sizeof cut - 1);
    cut[sizeof cut - 1] = 0;
    return pthread_setname_np(pthread_self(), cut);
}

int troupe_thread_get_name(char *buffer, size_t capacity) {
    return pthread_getname_np(pthread_self(), buffer, capacity);
}

pid_t troupe_thread_id(void) {
    return (pid_t)syscall(SYS_gettid);
}

int troupe_thread_set_affinity(int cpu) {
    if (cpu < 0 || cpu >= CPU_SETSIZE) return EINVAL;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    return pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

int troupe_thread_get_affinity(int *cpus, int capacity) {
    cpu_set_t set;
    CPU_ZERO(&set);
    int error = pthread_getaffinity_np(pthread_self(), sizeof set, &set);
    if (error != 0) return -error;
    int count = 0;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &set)) continue;
        if (count < capacity) cpus[count] = cpu;
        count++;
    }
    return count;
}

static _Thread_local uintptr_t thread_slot;

uintptr_t troupe_thread_slot_get(void) {
    return thread_slot;
}

void troupe_thread_slot_set(uintptr_t value) {
    thread_slot = value;
}

int troupe_eventfd_create(void) {
    int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return descriptor < 0 ? -errno : descriptor;
}

int troupe_eventfd_signal(int descriptor) {
    const uint64_t one = 1;
    for (;;) {
        if (write(descriptor, &one, sizeof one) == (ssize_t)sizeof one) return 0;
        // A full counter is readable already.
        if (errno == EAGAIN) return 0;
        if (errno != EINTR) return errno;
    }
}

int troupe_eventfd_drain(int descriptor) {
    uint64_t count;
    for (;;) {
        if (read(descriptor, &count, sizeof count) == (ssize_t)sizeof count) return 0;
        if (errno == EAGAIN) return 0;
        if (errno != EINTR) return errno;
    }
}

size_t troupe_page_size(void) {
    return (size_t)sysconf(_SC_PAGESIZE);
}

int troupe_advise_huge_pages(void *address, size_t length) {
    // madvise wants a page boundary; a partly covered page at either end is left alone.
    const uintptr_t page = troupe_page_size();
    uintptr_t begin = ((uintptr_t)address + page - 1) / page * page;
    uintptr_t end = ((uintptr_t)address + length) / page * page;
    if (end <= begin) return 0;
    return madvise((void *)begin, end - begin, MADV_HUGEPAGE) == 0 ? 0 : errno;
}

int troupe_advise_sequential(void *address, size_t length) {
    return madvise(address, length, MADV_SEQUENTIAL) == 0 ? 0 : errno;
}

int troupe_advise_will_need(void *address, size_t length) {
    return madvise(address, length, MADV_WILLNEED) == 0 ? 0 : errno;
}

int troupe_process_memory(uint64_t *resident, uint64_t *peak) {
    FILE *file = fopen("/proc/self/status", "re");
    if (file == NULL) return errno;
    char line[256];
    unsigned long long kibibytes;
    int found = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "VmRSS: %llu", &kibibytes) == 1) *resident = kibibytes * 1024, found |= 1;
        if (sscanf(line, "VmHWM: %llu", &kibibytes) == 1) *peak = kibibytes * 1024, found |= 2;
    }
    fclose(file);
    return found == 3 ? 0 : ENODATA;
}

int troupe_set_parent_death_signal(int signal) {
    return prctl(PR_SET_PDEATHSIG, (unsigned long)signal, 0, 0, 0) == 0 ? 0 : errno;
}

static int map_shared(int descriptor, size_t bytes, void **address) {
    void *mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    const int error = mapped == MAP_FAILED ? errno : 0;
    close(descriptor);
    if (error == 0) *address = mapped;
    return error;
}

int troupe_shared_create(const char *name, size_t bytes, void **address) {
    int descriptor = shm_open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) return errno;
    // Without its pages reserved, a full file system would end the program at the first write.
    const int error = posix_fallocate(descriptor, 0, (off_t)bytes);
    if (error != 0) {
        close(descriptor);
        shm_unlink(name);
        return error;
    }
    return map_shared(descriptor, bytes, address);
}

int troupe_shared_open(const char *name, size_t bytes, void **address) {
    int descriptor = shm_open(name, O_RDWR | O_CLOEXEC, 0600);
    if (descriptor < 0) return errno;
    struct stat facts;
    const int error = fstat(descriptor, &facts) != 0 ? errno : (size_t)facts.st_size == bytes ? 0 : EAGAIN;
    if (error != 0) {
        close(descriptor);
        return error;
    }
    return map_shared(descriptor, bytes, address);
}

int troupe_shared_unlink(const char *name) {
    return shm_unlink(name) == 0 ? 0 : errno;
}

int troupe_shared_unmap(void *address, size_t bytes) {
    return munmap(address, bytes) == 0 ? 0 : errno;
}

void troupe_word_wait(const uint32_t *word, uint32_t expected, int64_t nanoseconds) {
    struct timespec limit = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    syscall(SYS_futex, word, FUTEX_WAIT, expected, &limit, NULL, 0);
}

void troupe_word_wake(const uint32_t *word) {
    syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}
