// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * From QEMU 8.1 on, QEMU exports a writable TCGHelperInfo for each helper.  Its first member
 * is the pointer to the function, which is replaced.  In QEMU 7.2, translated code calls the
 * function directly, and the table of helpers, { function, name, ... }, has no exported
 * name.  With QEMU 7.2, the entry of the helper is searched for in the data that is read-only
 * after relocation, and the beginning of the function is overwritten with a jump.
 */
#include "qemu/helpers.h"

#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* jmp rel32 */
#define JUMP_LEN	5
/* jmp *0(%rip), followed by the address */
#define FAR_JUMP_LEN	14

/*
 * The island: a page of jumps below the program.  The step and the range of the search for
 * free addresses, and the size of the page, are in bytes.
 */
#define ISLAND_STEP	0x10000u
#define ISLAND_REACH	0x40000000u
#define ISLAND_SIZE	4096u

/* The program's segments in memory */
struct program {
	uintptr_t base;
	uintptr_t text, text_end;	/* the executable segment */
	uintptr_t end;
	const uintptr_t *relro, *relro_end;
};

/* The place of the next jump.  A jump with a 32-bit distance reaches it from the program. */
static uint8_t *island, *island_end;

static int describe_program(struct dl_phdr_info *info, size_t size, void *data)
{
	struct program *program = data;
	int i;

	(void)size;
	program->base = info->dlpi_addr;
	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		uintptr_t begin = info->dlpi_addr + header->p_vaddr;
		uintptr_t end = begin + header->p_memsz;

		if (header->p_type == PT_LOAD && end > program->end)
			program->end = end;
		if (header->p_type == PT_LOAD && (header->p_flags & PF_X)) {
			program->text = begin;
			program->text_end = end;
		}
		if (header->p_type == PT_GNU_RELRO) {
			program->relro = (const uintptr_t *)begin;
			program->relro_end = (const uintptr_t *)end;
		}
	}
	return 1;	/* the first object is the program, and the others are not needed */
}

static bool is_entry(const struct program *program, const uintptr_t *entry,
		     const char *name)
{
	return entry[0] >= program->text && entry[0] < program->text_end &&
	       entry[1] >= program->base &&
	       entry[1] + strlen(name) < program->end &&
	       !strcmp((const char *)entry[1], name);
}

/* Returns the function of this name in the table; NULL if there is none, or several. */
static uint8_t *find_function(const struct program *program, const char *name)
{
	const uintptr_t *entry;
	uintptr_t found = 0;

	for (entry = program->relro; entry + 1 < program->relro_end; entry++) {
		if (!is_entry(program, entry, name))
			continue;
		if (found && found != entry[0])
			return NULL;
		found = entry[0];
	}
	return (uint8_t *)found;
}

static bool make_island(const struct program *program)
{
	uintptr_t below = program->base & ~(uintptr_t)(ISLAND_STEP - 1);
	uintptr_t at;
	void *mapped;

	for (at = below - ISLAND_STEP; !island && at > below - ISLAND_REACH;
	     at -= ISLAND_STEP) {
		mapped = mmap((void *)at, ISLAND_SIZE,
			      PROT_READ | PROT_WRITE | PROT_EXEC,
			      MAP_PRIVATE | MAP_ANONYMOUS |
			      MAP_FIXED_NOREPLACE, -1, 0);
		if (mapped == MAP_FAILED)
			continue;
		if (mapped != (void *)at) {
			munmap(mapped, ISLAND_SIZE);
			continue;
		}
		island = mapped;
		island_end = (uint8_t *)mapped + ISLAND_SIZE;
	}
	return island;
}

static uint8_t *put_far_jump(uint8_t *at, const void *to)
{
	static const uint8_t jump[] = { 0xff, 0x25, 0, 0, 0, 0 };

	memcpy(at, jump, sizeof(jump));
	memcpy(at + sizeof(jump), &to, sizeof(to));
	return at + FAR_JUMP_LEN;
}

static void put_jump(uint8_t *at, const uint8_t *to)
{
	int32_t distance = (int32_t)(to - (at + JUMP_LEN));

	at[0] = 0xe9;
	memcpy(at + 1, &distance, sizeof(distance));
}

/*
 * Returns the length of the instruction at @code if functions begin with such an instruction
 * and if it has the same effect at each address, otherwise 0.
 */
static size_t movable_len(const uint8_t *code)
{
	static const uint8_t endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	static const uint8_t sub_rsp[] = { 0x48, 0x83, 0xec };

	if (!memcmp(code, endbr64, sizeof(endbr64)))
		return sizeof(endbr64);
	if (!memcmp(code, sub_rsp, sizeof(sub_rsp)))
		return sizeof(sub_rsp) + 1;
	if ((code[0] & 0xf8) == 0x50)				/* push */
		return 1;
	if (code[0] == 0x41 && (code[1] & 0xf8) == 0x50)	/* push r8... */
		return 2;
	if ((code[0] & 0xf8) == 0x48 && code[1] == 0x89 && code[2] >= 0xc0)
		return 3;					/* mov */
	if (code[0] == 0x89 && code[1] >= 0xc0)
		return 2;
	return 0;
}

/* Returns the length of the instructions that a jump replaces, or 0 if one is not movable. */
static size_t beginning_len(const uint8_t *function)
{
	size_t len = 0, next;

	while (len < JUMP_LEN) {
		next = movable_len(function + len);
		if (!next)
			return 0;
		len += next;
	}
	return len;
}

static bool protect(uint8_t *at, size_t len, int protection)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t begin = (uintptr_t)at & ~(page - 1);
	uintptr_t end = ((uintptr_t)at + len + page - 1) & ~(page - 1);

	return !mprotect((void *)begin, end - begin, protection);
}

static bool overwrite(const char *name, void *with, void **original)
{
	struct program program = { 0 };
	uint8_t *function, *entry;
	size_t moved = 0;

	dl_iterate_phdr(describe_program, &program);
	function = find_function(&program, name);
	if (!function || (!island && !make_island(&program)))
		return false;
	if (original)
		moved = beginning_len(function);
	if ((original && !moved) ||
	    island + moved + 2 * FAR_JUMP_LEN > island_end ||
	    !protect(function, JUMP_LEN, PROT_READ | PROT_WRITE | PROT_EXEC))
		return false;

	if (original) {
		*original = island;
		memcpy(island, function, moved);
		island = put_far_jump(island + moved, function + moved);
	}
	entry = island;
	island = put_far_jump(island, with);
	put_jump(function, entry);
	return protect(function, JUMP_LEN, PROT_READ | PROT_EXEC);
}

bool qemu_replace_helper(const char *name, void *with, void **original)
{
	char symbol[64];
	void **info;

	snprintf(symbol, sizeof(symbol), "helper_info_%s", name);
	info = dlsym(RTLD_DEFAULT, symbol);
	if (!info)
		return overwrite(name, with, original);
	if (original)
		*original = *info;
	*info = with;
	return true;
}
