/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The examinations of vmguest doctor that ask the host. Each returns whether further
 * examinations make sense.
 */
#ifndef VMGUEST_DOCTOR_HOST_H
#define VMGUEST_DOCTOR_HOST_H

#include <stdbool.h>

#include "diagnosis.h"

bool examine_transport(struct diagnosis *diagnosis);
bool examine_host(struct diagnosis *diagnosis);
bool examine_versions(struct diagnosis *diagnosis);
bool examine_heartbeat(struct diagnosis *diagnosis);

#endif
