/*
 * Stands in front of store/durable.c where that is compiled for the programs
 * of `make fault`: each of its system calls can be made to fail.  It is done
 * in the preprocessor, so that it is the same with every compiler and linker.
 *
 * FAULT_LOG     a file of zeros, which all processes of a session share: in
 *               its first sixteen octets stands how many calls they have
 *               made, as an unsigned long, then the name of each call, also
 *               in sixteen.  Without it there are no faults.
 * FAULT_CALL    the number of the call that fails, from 1, counted there
 * FAULT_ERROR   how: an error's name; `short`: it reads or writes one octet;
 *               `kill`: the process is killed in front of it; `memory`: not
 *               these calls, but those for memory are counted, and fail
 *
 * What fails is not done, but what is closed is closed.  A call that cannot
 * be short is made as ever.  Calls for memory are led here by the linker
 * (--wrap), wherever they are made.
 */
#ifndef TESTS_FAULTS_FAULTY_CALLS_H
#define TESTS_FAULTS_FAULTY_CALLS_H

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int faulty_open(const char *path, int flags);
int faulty_openat(int at, const char *name, int flags, mode_t mode);
int faulty_fcntl(int file, int command, struct flock *lock);
int faulty_mkdirat(int at, const char *name, mode_t mode);
int faulty_fchmod(int file, mode_t mode);
int faulty_fchmodat(int at, const char *name, mode_t mode, int flags);
int faulty_fchownat(int at, const char *name, uid_t user, gid_t group,
    int flags);
int faulty_ftruncate(int file, off_t length);
off_t faulty_lseek(int file, off_t offset, int whence);
ssize_t faulty_write(int file, const void *octets, size_t length);
ssize_t faulty_read(int file, void *octets, size_t size);
ssize_t faulty_pread(int file, void *octets, size_t size, off_t offset);
int faulty_futimens(int file, const struct timespec times[2]);
int faulty_fsync(int descriptor);
int faulty_linkat(int from, const char *name, int to, const char *new_name,
    int flags);
int faulty_renameat(int from, const char *name, int to, const char *new_name);
int faulty_unlinkat(int at, const char *name, int flags);
int faulty_stat(const char *path, struct stat *status);
int faulty_fstatat(int at, const char *name, struct stat *status, int flags);
int faulty_fstat(int file, struct stat *status);
int faulty_fstatvfs(int directory, struct statvfs *system);
int faulty_close(int descriptor);
DIR *faulty_fdopendir(int directory);
struct dirent *faulty_readdir(DIR *list);
int faulty_closedir(DIR *list);
long faulty_syscall(long number, int directory, ...);

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);

#ifndef FAULTY_CALLS_THEMSELVES
#define open(...)       faulty_open(__VA_ARGS__)
#define openat(...)     faulty_openat(__VA_ARGS__)
#define fcntl(...)      faulty_fcntl(__VA_ARGS__)
#define mkdirat(...)    faulty_mkdirat(__VA_ARGS__)
#define fchmod(...)     faulty_fchmod(__VA_ARGS__)
#define fchmodat(...)   faulty_fchmodat(__VA_ARGS__)
#define fchownat(...)   faulty_fchownat(__VA_ARGS__)
#define ftruncate(...)  faulty_ftruncate(__VA_ARGS__)
#define lseek(...)      faulty_lseek(__VA_ARGS__)
#define write(...)      faulty_write(__VA_ARGS__)
#define read(...)       faulty_read(__VA_ARGS__)
#define pread(...)      faulty_pread(__VA_ARGS__)
#define futimens(...)   faulty_futimens(__VA_ARGS__)
#define fsync(...)      faulty_fsync(__VA_ARGS__)
#define linkat(...)     faulty_linkat(__VA_ARGS__)
#define renameat(...)   faulty_renameat(__VA_ARGS__)
#define unlinkat(...)   faulty_unlinkat(__VA_ARGS__)
#define stat(...)       faulty_stat(__VA_ARGS__)
#define fstatat(...)    faulty_fstatat(__VA_ARGS__)
#define fstat(...)      faulty_fstat(__VA_ARGS__)
#define fstatvfs(...)   faulty_fstatvfs(__VA_ARGS__)
#define close(...)      faulty_close(__VA_ARGS__)
#define fdopendir(...)  faulty_fdopendir(__VA_ARGS__)
#define readdir(...)    faulty_readdir(__VA_ARGS__)
#define closedir(...)   faulty_closedir(__VA_ARGS__)
#define syscall(...)    faulty_syscall(__VA_ARGS__)
#endif

#endif
