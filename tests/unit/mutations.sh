#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# MUTATIONS (12) of the small mistakes of tests/mutate, from the one on whose turn it is.
# Tier: more
# Timeout: 3600
exec "$(dirname "$0")/../mutate/run" --part "${MUTATIONS:-12}"
