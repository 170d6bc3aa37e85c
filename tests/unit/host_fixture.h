/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* A host of vmxsim without a machine, with a fake clock and with requests as texts. */
#ifndef HOST_FIXTURE_H
#define HOST_FIXTURE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "host/dispatch.h"
#include "host/fault.h"
#include "host/host.h"
#include "ktap.h"

struct fixture {
	struct config *config;
	struct host *host;
	struct host_ops ops;
	uint64_t now_ns;
	unsigned int stunned_ms;
	uint64_t timer_ns;	/* last argument of timer_at() */
	unsigned int resets;
	unsigned int power_offs;
	bool is_in_slot;	/* whether the VMCI device is in its slot */
	struct reply reply;	/* a NUL follows its last byte */
};

static inline uint64_t fixture_now_ns(void *opaque)
{
	return ((struct fixture *)opaque)->now_ns;
}

static inline void fixture_stun_ms(void *opaque, unsigned int ms)
{
	((struct fixture *)opaque)->stunned_ms += ms;
}

static inline void fixture_timer_at(void *opaque, uint64_t ns)
{
	((struct fixture *)opaque)->timer_ns = ns;
}

static inline void fixture_reset(void *opaque)
{
	((struct fixture *)opaque)->resets++;
}

static inline void fixture_power_off(void *opaque)
{
	((struct fixture *)opaque)->power_offs++;
}

static inline bool fixture_unplug(void *opaque)
{
	struct fixture *fixture = opaque;
	bool was_in_slot = fixture->is_in_slot;

	fixture->is_in_slot = false;
	return was_in_slot;
}

/* @settings has texts "KEY=VALUE", and ends with NULL. */
static inline void fixture_start(struct fixture *fixture,
				 const char *const *settings)
{
	char err[CONFIG_ERR_SIZE];

	memset(fixture, 0, sizeof(*fixture));
	fixture->timer_ns = UINT64_MAX;
	fixture->ops.now_ns = fixture_now_ns;
	fixture->ops.stun_ms = fixture_stun_ms;
	fixture->ops.timer_at = fixture_timer_at;
	fixture->ops.reset = fixture_reset;
	fixture->ops.power_off = fixture_power_off;
	fixture->ops.unplug = fixture_unplug;
	fixture->ops.opaque = fixture;
	fixture->config = config_new();
	for (; settings && *settings; settings++)
		if (config_set(fixture->config, *settings, "test", err,
			       sizeof(err)))
			goto wrong;
	fixture->host = host_new(fixture->config, &fixture->ops, err,
				 sizeof(err));
	if (fixture->host)
		return;
wrong:
	printf("Bail out! %s\n", err);
	exit(1);
}

#define FIXTURE(fixture, ...)	\
	fixture_start(fixture, (const char *const[]){ __VA_ARGS__ __VA_OPT__(,) NULL })

static inline void fixture_stop(struct fixture *fixture)
{
	free(fixture->reply.data);
	host_free(fixture->host);
	config_free(fixture->config);
}

static inline const char *ask_bytes(struct fixture *fixture, const char *text,
				    size_t len, bool privileged)
{
	struct reply *reply = &fixture->reply;
	/* The copy has the exact length, so the sanitizer notices reading beyond it. */
	uint8_t *data = malloc(len ? len : 1);
	struct request request = { data, len, TRANSPORT_LB, privileged };

	memcpy(data, text, len);
	free(reply->data);
	faults_serving(host_faults(fixture->host), data, len);
	host_request(fixture->host, &request, reply);
	faults_serving(host_faults(fixture->host), NULL, 0);
	free(data);
	reply->data = realloc(reply->data, reply->len + 1);
	reply->data[reply->len] = '\0';
	return (const char *)reply->data;
}

static inline const char *ask(struct fixture *fixture, const char *text)
{
	return ask_bytes(fixture, text, strlen(text), false);
}

static inline void advance(struct fixture *fixture, uint64_t ms)
{
	fixture->now_ns += ms * 1000000;
}

#endif
