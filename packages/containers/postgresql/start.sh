#!/bin/sh
# Creates the cluster at the first start, then runs the server.
set -eu

if [ ! -d "$PGDATA" ]; then
  : "${POSTGRES_PASSWORD:?is the password that the superuser postgres gets}"
  # Renamed when complete: a start that is killed here leaves no partial cluster.
  rm -rf "$PGDATA.new"
  printf '%s\n' "$POSTGRES_PASSWORD" | initdb --pgdata="$PGDATA.new" --no-instructions \
    --username=postgres --pwfile=/dev/stdin --auth=scram-sha-256 \
    --encoding=UTF8 --locale=C.UTF-8 --data-checksums
  # Accepts clients from the container's own networks only.
  echo 'host all all samenet scram-sha-256' >>"$PGDATA.new/pg_hba.conf"
  mv "$PGDATA.new" "$PGDATA"
fi

unset POSTGRES_PASSWORD
# 50 connections: a service's pool, migrations and an operator with psql; each costs memory. UTC as on RDS. The log
# contains no values: the settings of packages/core/src/server-log.ts.
exec postgres -c listen_addresses='*' -c unix_socket_directories='' \
  -c max_connections=50 -c timezone=UTC -c log_timezone=UTC \
  -c log_parameter_max_length=0 -c log_parameter_max_length_on_error=0 -c log_error_verbosity=terse
