/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The examinations of vmguest doctor within the guest. Each returns whether further
 * examinations make sense.
 */
#ifndef VMGUEST_DOCTOR_SYSTEM_H
#define VMGUEST_DOCTOR_SYSTEM_H

#include <stdbool.h>

#include "diagnosis.h"

bool examine_machine(struct diagnosis *diagnosis);
bool examine_module(struct diagnosis *diagnosis);
bool examine_device(struct diagnosis *diagnosis);
bool examine_neighbours(struct diagnosis *diagnosis);

#endif
