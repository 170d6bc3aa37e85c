/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The OVF environment, as vCenter gives it to a virtual appliance in guestinfo.ovfEnv. */
#ifndef VMXSIM_OVF_H
#define VMXSIM_OVF_H

#include <stdbool.h>

#include "launcher/util.h"

/* "KEY=VALUE", of characters that XML has, in UTF-8. */
bool ovf_property_valid(const char *property);

/* The XML document with the properties, each "KEY=VALUE". */
char *ovf_environment(const struct strings *properties);

#endif
