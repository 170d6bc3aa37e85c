/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The packets of GuestRPC over a stream (wire-protocol 3.3), at the host's end: a
 * length and then fields, all in big-endian words.  These functions have no state and
 * no side effects.
 */
#ifndef VMXSIM_DATAMAP_H
#define VMXSIM_DATAMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DATAMAP_LENGTH_SIZE	4u
/* The search for duplicates takes quadratic time, so the number of fields is limited. */
#define DATAMAP_FIELDS_MAX	64

enum datamap_type {
	DATAMAP_EMPTY,		/* never valid */
	DATAMAP_INT64,
	DATAMAP_STRING,
	DATAMAP_INT64LIST,
	DATAMAP_STRINGLIST,
	DATAMAP_TYPES
};

enum datamap_id {
	DATAMAP_ID_KIND = 1,
	DATAMAP_ID_PAYLOAD,
	DATAMAP_ID_FAST_CLOSE,
};

#define DATAMAP_KIND_DATA	1
#define DATAMAP_KIND_PING	2

/* The fields of GuestRPC in a packet; other fields are skipped. */
struct datamap {
	bool has_kind;
	int64_t kind;
	bool has_payload;
	const uint8_t *payload;		/* points into the decoded bytes */
	size_t payload_len;
	bool has_fast_close;
	int64_t fast_close;
	bool ascending;			/* each id was above the one before */
};

/* The word at @data, for instance the length of a packet. */
uint32_t datamap_word(const uint8_t *data);

/*
 * Decodes the @len bytes after the length.  Returns false if a field is cut off, has a
 * type that does not exist or that does not belong to its id, if an id occurs twice, or
 * if there are too many fields.
 */
bool datamap_decode(const uint8_t *data, size_t len, struct datamap *map);

/* A packet that is being built.  If memory runs out, @data stays NULL, and @broken is set. */
struct datamap_packet {
	uint8_t *data;		/* allocated; the caller frees it */
	size_t len;
	bool broken;
};

void datamap_start(struct datamap_packet *packet);
void datamap_put_int64(struct datamap_packet *packet, uint32_t id, int64_t value);
/* Puts a string of @len bytes, with @announced as the length of the string. */
void datamap_put_string(struct datamap_packet *packet, uint32_t id,
			const uint8_t *data, size_t len, uint32_t announced);
/* Puts the first words of a field; type and id need not be valid. */
void datamap_put_field(struct datamap_packet *packet, uint32_t type, uint32_t id);
/* Fills in the length, which includes @missing bytes that the caller sends separately. */
void datamap_finish(struct datamap_packet *packet, uint64_t missing);
/* Replaces the length of the packet with @length, which may be wrong. */
void datamap_set_length(struct datamap_packet *packet, uint32_t length);

#endif
