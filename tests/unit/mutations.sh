#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright The vmguestlib authors
#
# Runs MUTATIONS (default: 12) of the mutations of tests/mutate. .ci/run chooses
# other mutations for each commit.
# Tier: more
# Timeout: 3600
exec "$(dirname "$0")/../mutate/run" --part "${MUTATIONS:-12}"
