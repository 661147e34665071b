#pragma once
/// Linux calls that Swift's Glibc module does not show: thread names, CPU affinity, eventfd, memory advice, process
/// memory, prctl, shared memory and waits on words in it. No logic lives here.
///
/// Unless a comment says otherwise a function returns 0 for success and the error number (errno) otherwise.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// MARK: Threads

/// Names the calling thread as `top -H` and debuggers show it; names longer than 15 bytes are cut.
int troupe_thread_set_name(const char *name);

/// Copies the calling thread's name, zero-terminated, into `buffer` of `capacity` >= 16 bytes.
int troupe_thread_get_name(char *buffer, size_t capacity);

/// The kernel's id of the calling thread, as in /proc/self/task.
pid_t troupe_thread_id(void);

/// Binds the calling thread to one CPU (numbered from 0).
int troupe_thread_set_affinity(int cpu);

/// Writes the numbers of the CPUs that the calling thread may run on, ascending, at most `capacity`, into `cpus`.
/// Returns how many there are (which may exceed `capacity`), or minus the error number.
int troupe_thread_get_affinity(int *cpus, int capacity);

/// One word of storage per thread, 0 at first: what the compute pool marks its threads with.
uintptr_t troupe_thread_slot_get(void);
void troupe_thread_slot_set(uintptr_t value);

/// Tells the CPU that this is a waiting loop.
static inline void troupe_cpu_pause(void) {
    __builtin_ia32_pause();
}

// MARK: Events

/// A new event counter (non-blocking, closed on exec). Returns the descriptor, or minus the error number. Readable in
/// poll whenever it has been signalled since the last drain. Close it with close(2).
int troupe_eventfd_create(void);

/// Makes the descriptor readable. Async-signal-safe; callable from any thread.
int troupe_eventfd_signal(int descriptor);

/// Makes the descriptor unreadable until the next signal. Draining an idle descriptor is no error.
int troupe_eventfd_drain(int descriptor);

// MARK: Memory

/// The size of a page in bytes.
size_t troupe_page_size(void);

/// Asks for 2 MiB pages for the whole pages within [address, address + length).
int troupe_advise_huge_pages(void *address, size_t length);

/// Says that a mapping will be read in order soon.
int troupe_advise_sequential(void *address, size_t length);

/// Says that a mapping will be needed soon.
int troupe_advise_will_need(void *address, size_t length);

/// Resident memory of this process in bytes: now (VmRSS) and at its highest (VmHWM).
int troupe_process_memory(uint64_t *resident, uint64_t *peak);

// MARK: Processes

/// Asks the kernel to send this process `signal` when the thread that started it exits. Because the parent may already be
/// gone, the caller compares getppid() with the expected parent afterwards.
int troupe_set_parent_death_signal(int signal);

// MARK: Memory that processes share

/// Creates shared memory of `bytes` zeros under `name` ("/..."), reserves its pages, and maps it. EEXIST if the name is
/// taken, ENOSPC if there is no room.
int troupe_shared_create(const char *name, size_t bytes, void **address);

/// Maps shared memory that another process has created; ENOENT if it is not there, EAGAIN if not of that size yet.
int troupe_shared_open(const char *name, size_t bytes, void **address);

/// Takes the name away; the memory lives on while it is mapped.
int troupe_shared_unlink(const char *name);

int troupe_shared_unmap(void *address, size_t bytes);

/// Reads a word that another process writes, and what it wrote before.
static inline uint32_t troupe_word_load(const uint32_t *word) {
    return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

/// Writes a word after everything that was written before.
static inline void troupe_word_store(uint32_t *word, uint32_t value) {
    __atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}

/// Adds to a word and returns what it was.
static inline uint32_t troupe_word_add(uint32_t *word, uint32_t value) {
    return __atomic_fetch_add(word, value, __ATOMIC_SEQ_CST);
}

/// Sleeps while the word is `expected`, at most so long; may return early.
void troupe_word_wait(const uint32_t *word, uint32_t expected, int64_t nanoseconds);

/// Wakes all processes that sleep on the word.
void troupe_word_wake(const uint32_t *word);
