// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* The fake notifier chains. */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/notifier.h>

#include "fake_lifecycle.h"

struct fake_lifecycle fake_lifecycle;

void fake_lifecycle_reset(void)
{
	fake_lifecycle = (struct fake_lifecycle) { .refuses = FAKE_CHAINS };
}

int fake_register(enum fake_chain chain, struct notifier_block *nb)
{
	if (chain == fake_lifecycle.refuses)
		return -EEXIST;
	WARN_ON(fake_lifecycle.notifiers[chain]);
	fake_lifecycle.notifiers[chain] = nb;
	return 0;
}

int fake_unregister(enum fake_chain chain, struct notifier_block *nb)
{
	WARN_ON(fake_lifecycle.notifiers[chain] != nb);
	fake_lifecycle.notifiers[chain] = NULL;
	return 0;
}

void fake_notify_chain(enum fake_chain chain, unsigned long event)
{
	struct notifier_block *nb = fake_lifecycle.notifiers[chain];

	nb->notifier_call(nb, event, NULL);
}
