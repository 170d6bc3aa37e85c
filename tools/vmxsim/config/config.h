/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The configuration of the virtual machine and of the model, in .vmx syntax.
 *
 * Every known key is a row of one table (config_keys.c) with its type, range, default and
 * help text.  A value is validated when it is stored, so the getters cannot fail.  They
 * return the default of a key that was not given, and abort if a key is not in the table or
 * has another type.
 *
 * Keys compare without case, as VMware's do.
 */
#ifndef VMXSIM_CONFIG_H
#define VMXSIM_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CONFIG_ERR_SIZE		512	/* size of the err below */
#define CONFIG_UNLIMITED	(-1)
#define GUESTINFO_PREFIX	"guestinfo."
#define GUESTINFO_SIZE_MAX	1048576	/* bytes of all variables together, as on ESXi */

struct config;

/* Returns an empty configuration, or NULL when memory is short. */
struct config *config_new(void);
struct config *config_copy(const struct config *config);
void config_free(struct config *config);

/*
 * Reads a .vmx file.  A key that this or another file gave before is an error.  A key that
 * config_set() gives, before or after, has the value of config_set().
 *
 * Returns 0, or -1 with a message such as
 *   file.vmx:12: vmxsim.ha.window: expected ..., got "x"
 */
int config_read_file(struct config *config, const char *path,
		     char *err, size_t err_size);

/*
 * Sets a key by "KEY=VALUE" from the command line; quotes around VALUE are optional.
 * An error message begins with @origin ("--set").  The last call for a key counts.
 */
int config_set(struct config *config, const char *assignment,
	       const char *origin, char *err, size_t err_size);

/*
 * Like config_set(), with the parts of the assignment.  If @value is NULL, the key gets its
 * default again.  config_where() returns @origin.
 */
int config_put(struct config *config, const char *key, const char *value,
	       const char *origin, char *err, size_t err_size);

/* Exchanges the contents of @a and @b. */
void config_swap(struct config *a, struct config *b);

/*
 * Changes a key while the machine runs.  Unlike config_set(), config_change() refuses keys
 * that are fixed at power on.  If config_check() would fail after the change, nothing is
 * changed.
 */
int config_change(struct config *config, const char *key, const char *value,
		  char *err, size_t err_size);

/*
 * Checks conditions between keys, such as a reservation that is above the memory size.  It is
 * called after all files were read and all keys were set.
 */
int config_check(const struct config *config, char *err, size_t err_size);

/* Estimates of the host's memory overhead for the machine, and of the hypervisor's memory. */
uint64_t config_overhead_mb(const struct config *config);
uint64_t config_kernel_mb(const struct config *config);

/* Returns the number of the hypercall instruction that CPUID offers; see enum hypercall. */
unsigned int config_hypercall(const struct config *config);

/* Writes all known keys that were given, in a form that config_read_file() can read. */
int config_write(const struct config *config, FILE *out);

/* Returns the source of a given key, "file.vmx:12" or "--set"; otherwise NULL. */
const char *config_where(const struct config *config, const char *key);

/* Returns whether the key was given. */
bool config_given(const struct config *config, const char *key);

bool config_bool(const struct config *config, const char *key);
uint64_t config_u64(const struct config *config, const char *key);

/* Returns a number, or CONFIG_UNLIMITED. */
int64_t config_limit(const struct config *config, const char *key);

/*
 * Returns the value of a key of any type as text.  Words and truth values have the table's
 * spelling, and other values are as they were given.  The text is valid until the key changes.
 */
const char *config_str(const struct config *config, const char *key);

/* Returns whether a key of the type KEY_WORD has the value @word, which must be in the table. */
bool config_is(const struct config *config, const char *key, const char *word);

/*
 * Iterates over the known keys that were given, in the order of their names ("scsi0:10" after
 * "scsi0:9").  @cursor starts at 0.  Returns false at the end.
 */
bool config_next(const struct config *config, size_t *cursor,
		 const char **key, const char **value);

#endif
