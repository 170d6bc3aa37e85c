/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The OVF environment, as vCenter gives it to a virtual appliance in guestinfo.ovfEnv. */
#ifndef VMXSIM_OVF_H
#define VMXSIM_OVF_H

#include <stdbool.h>

#include "launcher/util.h"

/* Returns whether this is KEY=VALUE in UTF-8, with characters that XML allows. */
bool ovf_property_valid(const char *property);

/* Returns the XML document with these properties, each KEY=VALUE. */
char *ovf_environment(const struct strings *properties);

#endif
