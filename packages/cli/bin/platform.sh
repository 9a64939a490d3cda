#!/bin/sh
# In the image this is `platform`: what `npm run` is in a clone, where packages may have to be installed first.
exec node --disable-warning=ExperimentalWarning /app/packages/cli/src/cli.ts "$@"
