/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The table of the keys that a configuration may have. */
#ifndef VMXSIM_CONFIG_KEYS_H
#define VMXSIM_CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum key_type {
	KEY_BOOL,
	KEY_NUMBER,	/* min to max, of unit */
	KEY_LIMIT,	/* a number, "unlimited" or -1 */
	KEY_SHARES,	/* a number or low, normal, high */
	KEY_WORD,	/* one of words */
	KEY_TEXT,	/* at most max bytes */
	KEY_UUID,
	KEY_MAC,
	KEY_STAT,	/* replaces one statistic of the model */
};

struct key {
	const char *name;	/* '#': a number below 100; final '*': any text */
	enum key_type type;
	bool fixed;		/* cannot be changed after power on */
	uint64_t min, max;
	const char *unit;	/* plural, after "a whole number of" */
	const char *words;	/* separated by '|' */
	const char *preset;	/* the default */
	const char *help;
	/*
	 * The public source that shows that real hosts have this default, or "" if the
	 * default is not a statement about real hosts.
	 */
	const char *source;
};

extern const struct key config_keys[];
extern const size_t config_key_count;

/*
 * Returns the present name of a key for its former name: vmxsim.transport.* was
 * vmxsim.door.*.  Any other name is returned unchanged.
 */
const char *key_current_name(const char *name);

/* Returns the row of a key, or NULL. */
const struct key *key_find(const char *name);

/* Returns the key in the table's spelling, for free(), or NULL when memory is short. */
char *key_spelling(const struct key *key, const char *name);

/*
 * Tests a value.  If the value is wrong, stores a description of accepted values in @wanted.
 * @name is the name of the key, because a row with '*' is for several keys.
 */
bool key_accepts(const struct key *key, const char *name, const char *value,
		 char *wanted, size_t wanted_size);

/* Describes the accepted values: "a whole number of seconds from 1 to 3600". */
void key_describe(const struct key *key, const char *name, char *text,
		  size_t size);

/* Parses a decimal number without sign or blanks, up to @max. */
bool parse_u64(const char *text, uint64_t max, uint64_t *number);

/* Parses @count bytes in hexadecimal, separated by ':', '-' or blanks. */
bool parse_bytes(const char *text, uint8_t *bytes, size_t count);

/* Returns the index of a word in a list such as "a|b", or -1. */
int word_index(const char *words, const char *word);

/* Prints the table: every key with its type, default and meaning. */
void config_help(FILE *out);

/* Returns the row of a key in the form of config_help(), for free(), or NULL. */
char *config_help_key(const char *key);

#endif
