/*
 * Memory for the servers: malloc(3), free(3), calloc(3) and realloc(3), in
 * place of those of the C library that a server is linked with.
 *
 * A session asks for little memory, and this gives it without a system call:
 * from a part of the program's own data, to begin with.  With glibc it is also
 * what lets the linker leave out 35 KiB of the program.  Blocks have sizes
 * that are powers of two, and one that is freed is given out again for the
 * same size; what is bigger than the biggest of them is mapped by itself, so
 * that it goes back to the system and grows without being copied.  A block
 * that is freed twice, or whose head has been written over, ends the process.
 *
 * One thread, as the programs have.  Not for an instrumented build, whose run
 * time has its own.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/syscall.h>
#endif

/* Before what a caller gets, which is aligned as this is. */
union head {
	_Alignas(max_align_t) struct {
		size_t size;            /* of the block, this head counted */
		uint32_t state;
	} of;
	union head *next;               /* behind the head of a free block */
};

/* No word of text, nor a pointer. */
#define IN_USE 0xa5c39e17U
#define IS_FREE 0x1e935ca6U

#define SMALLEST 32                     /* octets of a block */
#define SIZES 12
#define BIGGEST ((size_t)SMALLEST << (SIZES - 1))

#define PAGE ((size_t)65536)            /* a multiple of every machine's */

/* The first region is here, and costs nothing until it is used. */
static union head first[BIGGEST * 2 / sizeof(union head)];

static struct {
	char *region;
	size_t left;                    /* of the region */
	union head *unused[SIZES];      /* for each size the blocks that are
	                                 * free, the last one first */
} heap = { (char *)first, sizeof first, { NULL } };

static union head **
link_of(union head *block)
{
	return &block[1].next;
}

/* Pages of its own; NULL with errno set. */
static void *
map(size_t size)
{
	void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return pages == MAP_FAILED ? NULL : pages;
}

/* A block that was never used, from the region or a new one. */
static union head *
cut(size_t size)
{
	union head *block;

	if (heap.left < size) {
		char *pages = map(sizeof first);

		if (pages == NULL)
			return NULL;
		heap.region = pages;
		heap.left = sizeof first;
	}
	block = (union head *)(void *)heap.region;
	heap.region += size;
	heap.left -= size;
	return block;
}

/* The size of a block for so many octets, as a number of its kind. */
static size_t
kind_for(size_t size)
{
	size_t kind = 0;

	while ((size_t)SMALLEST << kind < size)
		kind++;
	return kind;
}

static size_t
whole_pages(size_t size)
{
	return (size + PAGE - 1) / PAGE * PAGE;
}

/* *is_new: it has nothing but zeros. */
static void *
take(size_t octets, bool *is_new)
{
	size_t size = octets + sizeof(union head);
	union head *block;

	if (octets > PTRDIFF_MAX - 2 * PAGE) {
		errno = ENOMEM;
		return NULL;
	}
	*is_new = true;
	if (size > BIGGEST) {
		size = whole_pages(size);
		block = map(size);
	} else {
		size_t kind = kind_for(size);

		size = (size_t)SMALLEST << kind;
		block = heap.unused[kind];
		if (block != NULL) {
			heap.unused[kind] = *link_of(block);
			*is_new = false;
		} else
			block = cut(size);
	}
	if (block == NULL)
		return NULL;
	block->of.size = size;
	block->of.state = IN_USE;
	return block + 1;
}

/* The block that a caller has got. */
static union head *
block_of(void *memory)
{
	union head *block = (union head *)memory - 1;

	if (block->of.state != IN_USE)
		abort();
	return block;
}

static void
give_back(void *memory)
{
	union head *block = block_of(memory);
	size_t size = block->of.size, kind;
	int saved = errno;

	if (size > BIGGEST) {
		(void)munmap(block, size);
		errno = saved;
		return;
	}
	kind = kind_for(size);
	block->of.state = IS_FREE;
	*link_of(block) = heap.unused[kind];
	heap.unused[kind] = block;
}

/* A mapped block of another size, moved by the kernel; NULL: it cannot. */
static void *
remap(union head *block, size_t octets)
{
#ifdef SYS_mremap
	size_t size = whole_pages(octets + sizeof *block);
	long moved;

	if (block->of.size <= BIGGEST || size <= BIGGEST ||
	    octets > PTRDIFF_MAX - 2 * PAGE)
		return NULL;
	moved = syscall(SYS_mremap, block, block->of.size, size, 1UL);
	if (moved == -1)
		return NULL;
	block = (union head *)moved;
	block->of.size = size;
	return block + 1;
#else
	(void)block;
	(void)octets;
	return NULL;
#endif
}

void *
malloc(size_t octets)
{
	bool is_new;

	return take(octets, &is_new);
}

void
free(void *memory)
{
	if (memory != NULL)
		give_back(memory);
}

void *
calloc(size_t count, size_t size)
{
	bool is_new;
	void *memory;

	if (size != 0 && count > SIZE_MAX / size) {
		errno = ENOMEM;
		return NULL;
	}
	memory = take(count * size, &is_new);
	if (memory != NULL && !is_new)
		memset(memory, 0, count * size);
	return memory;
}

void *
realloc(void *memory, size_t octets)
{
	union head *block;
	size_t room;
	bool is_new;
	void *moved;

	if (memory == NULL)
		return take(octets, &is_new);
	block = block_of(memory);
	room = block->of.size - sizeof *block;
	if (octets <= room && octets >= room / 4)
		return memory;
	moved = remap(block, octets);
	if (moved != NULL)
		return moved;
	moved = take(octets, &is_new);
	if (moved == NULL)
		return octets <= room ? memory : NULL;
	memcpy(moved, memory, octets < room ? octets : room);
	give_back(memory);
	return moved;
}
