/*
 * Local time, by TZ or, where that is not set, /etc/localtime.
 *
 * localtime_r(3) would do, but looks for the file again each time, and brings
 * more into a static program than all the rest of it.
 */
#ifndef STDIO_LOCAL_TIME_H
#define STDIO_LOCAL_TIME_H

#include <stdint.h>

/*
 * Finds out about local time, once: for a process that later can open no file.
 * Where that cannot be found out it is universal time.
 */
void local_time_load(void);

/*
 * The same, but what was read for that is left open: its descriptor, for
 * process_start(), or -1.
 */
int local_time_open(void);

/* How many seconds local time is ahead of universal time then. */
int32_t local_time_offset(int64_t seconds);

#endif
