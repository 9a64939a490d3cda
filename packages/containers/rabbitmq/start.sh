#!/bin/sh
# Starts RabbitMQ in its Fargate task. Everything comes as an environment variable: CONFIGURATION, TLS_KEY, TLS_CERTIFICATE, USERNAME, PASSWORD.
set -eu
umask 077

# The folder is in memory, and only this user can read its files. The configuration names them relative to this folder.
cd "$(mktemp -d)"
printf '%s' "$CONFIGURATION" >rabbitmq.conf
printf '%s' "$TLS_KEY" >key.pem
printf '%s' "$TLS_CERTIFICATE" >certificate.pem
echo '[].' >enabled_plugins
# RabbitMQ reads this at each start, so a new password needs only a restart.
cat >definitions.json <<END
{
  "users": [{ "name": "$USERNAME", "password": "$PASSWORD", "tags": "administrator" }],
  "vhosts": [{ "name": "/" }],
  "permissions": [{ "user": "$USERNAME", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*" }]
}
END
unset CONFIGURATION TLS_KEY TLS_CERTIFICATE USERNAME PASSWORD

# The certificate is valid for 90 days, and is read only here: after 30 days the broker stops in order, and ECS starts another task.
(sleep 2592000 && kill -TERM $$) &

# ECS may start a task while the one before still stops. The lock ends with its process, also when the host is lost.
exec 9>"$HOME/lock"
flock --nonblock 9 || {
  echo "Waits until the task before has released the data."
  flock 9
}

# The data belongs to a node name, so the name must not depend on the host name.
export RABBITMQ_NODENAME=rabbit@localhost RABBITMQ_MNESIA_BASE="$HOME/mnesia"
export RABBITMQ_CONFIG_FILE="$PWD/rabbitmq.conf" RABBITMQ_CONFIG_FILES="$PWD/conf.d"
export RABBITMQ_ENABLED_PLUGINS_FILE="$PWD/enabled_plugins" RABBITMQ_GENERATED_CONFIG_DIR="$PWD/generated"
export RABBITMQ_LOGS=- RABBITMQ_LOG_BASE="$HOME/log"
# A single node: nothing outside the container reaches Erlang's own ports.
export ERL_EPMD_ADDRESS=127.0.0.1 RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}"
# The start script then becomes the broker, so that a signal reaches the right process.
export RUNNING_UNDER_SYSTEMD=true
# Not by the image's own entry point, which changes the user and takes the long form of host names.
exec rabbitmq-server
