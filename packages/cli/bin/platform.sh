#!/bin/sh
# The image's command `platform`. A clone uses `npm run` instead, which installs missing packages first.
exec node --disable-warning=ExperimentalWarning /app/packages/cli/src/cli.ts "$@"
