/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * The whole device of the module, over fake transports.
 */
#ifndef VMGL_KUNIT_FIXTURE_H
#define VMGL_KUNIT_FIXTURE_H

#include "device.h"
#include "fake_transport.h"
#include "record.h"

struct kunit;

#define FIXTURE_MONITOR	"GuestAppMonitor.Cmd."

/**
 * struct fixture - a device and its fakes
 * @device: device as the module has it
 * @parent: device that the sysfs files belong to
 * @reader: transport of an unprivileged sender
 * @privileged: transport of a privileged sender
 * @beat: transport of the heartbeats
 * @record: record with the statistics, as the host sends it
 * @session_changes: number of session changes that were reported
 */
struct fixture {
	struct vmgl_device device;
	struct device parent;
	struct fake_transport reader;
	struct fake_transport privileged;
	struct fake_transport beat;
	struct record record;
	unsigned int session_changes;
};

int fixture_init(struct kunit *test);
void fixture_exit(struct kunit *test);
void fixture_serve_record(struct fixture *fixture, u32 version, u64 session);
const char *fixture_said(struct fixture *fixture);

#endif
