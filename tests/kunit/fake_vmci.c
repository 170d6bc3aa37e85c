// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* The fake bus. */
#include <linux/bug.h>

#include "fake_vmci.h"
#include "fake_vsock.h"

struct fake_vmci fake_vmci;

void fake_vmci_reset(void)
{
	fake_vmci = (struct fake_vmci) {};
}

int fake_bus_register(struct notifier_block *nb)
{
	if (fake_vmci.error)
		return fake_vmci.error;
	WARN_ON(fake_vmci.notifier);
	fake_vmci.notifier = nb;
	return 0;
}

int fake_bus_unregister(struct notifier_block *nb)
{
	WARN_ON(fake_vmci.notifier != nb);
	fake_vmci.notifier = NULL;
	return 0;
}

void fake_vmci_grace_period(void)
{
	fake_vmci.grace_periods++;
	fake_vmci.sockets += fake_vsock.sockets;
}

void fake_vmci_rest(unsigned int ms)
{
	fake_vmci.rests += ms > 0 && fake_vmci.grace_periods == fake_vmci.rests + 1;
}
