#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# The static checks that take minutes.
# Tier: more
exec "$(dirname "$0")/../lint" heavy
