#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# MUTATIONS (12) of the small mistakes of tests/mutate, others in each run of .ci/run.
# Tier: more
# Timeout: 3600
exec "$(dirname "$0")/../mutate/run" --part "${MUTATIONS:-12}"
